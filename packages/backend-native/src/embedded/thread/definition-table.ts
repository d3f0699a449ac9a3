/** Gives every definition a small number for messages, and remembers how long its tasks take. */
import type { KernelFunction, TypeScriptReference } from '@anant/core';
import { DurationEstimate } from '../schedule/duration-estimate.js';
import type { SlotDefinition } from './thread-task.js';

/** Definitions remembered; past it all are forgotten, and threads are told so. */
export const DEFINITIONS_MAX = 4096;

export class DefinitionTable {
  readonly #onForget: () => void;
  #byReference = new WeakMap<object, SlotDefinition>();
  readonly #byKey = new Map<string, SlotDefinition>();
  #nextId = 0;

  constructor(onForget: () => void) {
    this.#onForget = onForget;
  }

  typescript(reference: TypeScriptReference): SlotDefinition {
    const known = this.#byReference.get(reference);
    if (known) return known;
    const { kind, name, module, export: exported, version } = reference;
    return this.#remember(reference, `${version} ${exported} ${module}`, {
      kind,
      name,
      module,
      export: exported,
      version,
    });
  }

  kernel(target: KernelFunction, sha256: string): SlotDefinition {
    const known = this.#byReference.get(target);
    if (known) return known;
    return this.#remember(target, `${sha256} ${target.export} ${JSON.stringify(target.signature)}`, {
      kind: 'kernel',
      target,
    });
  }

  method(name: string): SlotDefinition {
    return this.#byKey.get(name) ?? this.#remember({}, name, { kind: 'method', name });
  }

  #remember(owner: object, key: string, definition: SlotDefinition['definition']): SlotDefinition {
    let entry = this.#byKey.get(key);
    if (!entry) {
      if (this.#byKey.size >= DEFINITIONS_MAX) this.#forget();
      entry = { id: this.#nextId, definition, estimate: new DurationEstimate() };
      this.#nextId += 1;
      this.#byKey.set(key, entry);
    }
    this.#byReference.set(owner, entry);
    return entry;
  }

  #forget(): void {
    this.#byKey.clear();
    this.#byReference = new WeakMap();
    this.#onForget();
  }
}
