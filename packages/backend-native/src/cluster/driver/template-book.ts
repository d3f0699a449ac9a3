/** Numbers the kinds of task a session submits: definition and options travel once. */
import type { DefinitionReference, EnvelopeOptions } from '@anant/core';
import { CodeBook } from '../code/code-book.js';
import type { CodeMode } from '../code/code-desk.js';
import type { Template } from '../proto/anant/v1/common.js';

export class TemplateBook {
  /** Core hands over the same objects for the same plan: found without comparing them. */
  #byIdentity = new WeakMap<DefinitionReference, WeakMap<EnvelopeOptions, number>>();
  readonly #byContent = new Map<string, number>();
  /** The code of what was named. */
  readonly code = new CodeBook();
  readonly #mode: CodeMode;
  #unsent: Template[] = [];
  #all: Template[] = [];

  constructor(mode: CodeMode) {
    this.#mode = mode;
  }

  /** A template of its own, for what is no task. */
  single(definition: DefinitionReference, options: EnvelopeOptions): Template {
    this.code.offer(definition);
    return templateOf(0, definition, options, this.#mode);
  }

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
    this.code.offer(definition);
    const template = templateOf(number, definition, options, this.#mode);
    this.#byContent.set(key, number);
    this.#all.push(template);
    this.#unsent.push(template);
    return number;
  }
}

function templateOf(
  number: number,
  definition: DefinitionReference,
  { priority, mode, resources, placement, tenant, delivery, output }: EnvelopeOptions,
  code: CodeMode,
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
    code,
    group: placement?.group?.name ?? '',
    groupRule: placement?.group?.rule ?? '',
    groupTasks: placement?.group?.tasks ?? 0,
  };
}
