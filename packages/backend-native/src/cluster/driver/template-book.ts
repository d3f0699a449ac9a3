/** Numbers the kinds of task a session submits: definition and options travel once. */
import type { DefinitionReference, EnvelopeOptions } from '@anant/core';
import type { Template } from '../proto/anant/v1/common.js';

export class TemplateBook {
  /** Core hands over the same objects for the same plan: found without comparing them. */
  #byIdentity = new WeakMap<DefinitionReference, WeakMap<EnvelopeOptions, number>>();
  readonly #byContent = new Map<string, number>();
  #unsent: Template[] = [];
  #all: Template[] = [];

  numberOf(definition: DefinitionReference, options: EnvelopeOptions): number {
    const byOptions = this.#byIdentity.get(definition);
    const known = byOptions?.get(options);
    if (known !== undefined) return known;
    const number = this.#find(definition, options);
    if (byOptions === undefined) this.#byIdentity.set(definition, new WeakMap([[options, number]]));
    else byOptions.set(options, number);
    return number;
  }

  /** Templates that the head has not been told of. */
  takeUnsent(): Template[] {
    const unsent = this.#unsent;
    if (unsent.length > 0) this.#unsent = [];
    return unsent;
  }

  /** A new connection: the head may know nothing. */
  resend(): void {
    this.#unsent = [...this.#all];
  }

  #find(definition: DefinitionReference, options: EnvelopeOptions): number {
    const key = JSON.stringify([definition, options]);
    const known = this.#byContent.get(key);
    if (known !== undefined) return known;
    const number = this.#all.length + 1;
    const template = templateOf(number, definition, options);
    this.#byContent.set(key, number);
    this.#all.push(template);
    this.#unsent.push(template);
    return number;
  }
}

export function templateOf(
  number: number,
  definition: DefinitionReference,
  { priority, mode, resources, placement, tenant, delivery, output }: EnvelopeOptions,
): Template {
  const { cpu = 0, memoryBytes = 0, gpu = 0, custom = {} } = resources ?? {};
  return {
    number,
    definition: JSON.stringify(definition),
    priority: Math.max(-1000, Math.min(1000, Math.round(priority))),
    mode: mode ?? '',
    resources: resources && { cpu, memoryBytes, gpu, custom: { ...custom } },
    node: placement?.node ?? '',
    labels: { ...placement?.labels },
    tenant: tenant ?? '',
    delivery,
    output,
    group: placement?.group?.name ?? '',
    groupRule: placement?.group?.rule ?? '',
    groupTasks: placement?.group?.tasks ?? 0,
  };
}
