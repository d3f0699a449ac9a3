/** Actors of the in-memory backend: each runs its calls one after the other. */
import { clonePortable } from '../../codec/index.js';
import type { ActorSpecification, TaskContext } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { loadExport } from './load-task.js';

interface Actor {
  readonly instance: Readonly<Record<string, unknown>>;
  /** Ends when the calls made so far have. */
  last: Promise<unknown>;
}

export class MemoryActors {
  readonly #actors = new Map<string, Actor>();
  readonly #starting = new Set<string>();

  /** @throws AnantError when the name is taken, and what the constructor throws */
  async start({ id, definition, input }: ActorSpecification): Promise<void> {
    if (this.#actors.has(id) || this.#starting.has(id)) {
      throw new AnantError('E_TASK_DUPLICATE', `There is an actor "${id}" already.`);
    }
    this.#starting.add(id);
    try {
      if (definition.kind !== 'typescript') {
        throw new AnantError('E_CAPABILITY_MISSING', `Actors in ${definition.kind} cannot run here.`);
      }
      const Class = (await loadExport(definition)) as new (input: unknown) => Actor['instance'];
      this.#actors.set(id, { instance: new Class(clonePortable(input)), last: Promise.resolve() });
    } finally {
      this.#starting.delete(id);
    }
  }

  stop(id: string): void {
    this.#actors.delete(id);
  }

  has(id: string): boolean {
    return this.#actors.has(id);
  }

  hasMethod(id: string, method: string): boolean {
    return typeof this.#actors.get(id)?.instance[method] === 'function' && method !== 'constructor';
  }

  /** Calls a method when the calls before it have ended. */
  call(
    id: string,
    method: string,
    onTurn: () => boolean,
    input: unknown,
    context: TaskContext,
  ): Promise<unknown> {
    const actor = this.#actors.get(id)!;
    const call = actor.last.then(() => {
      if (!onTurn()) return undefined;
      return (actor.instance[method] as (input: unknown, context: TaskContext) => unknown)(input, context);
    });
    actor.last = call.catch(() => {});
    return call;
  }

  clear(): void {
    this.#actors.clear();
  }
}
