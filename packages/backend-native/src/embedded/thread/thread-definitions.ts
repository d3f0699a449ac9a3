/** What a session's thread can run, by the numbers that messages carry; and its actor, if it is the home of one. */
import { type ActorClass, actorMethod, type TaskLoader } from '@anant/bridge/host';
import { AnantError, describeError, type KernelFunction, type TypeScriptReference } from '@anant/core';
import { decodeValue } from '@anant/core/codec';
import type { ThreadDefinition, ThreadEnd, WireValue } from './messages.js';
import { refusalOf } from './thread-loss.js';

export type AnyFunction = (...values: unknown[]) => unknown;

/** A definition: a kernel, or a function once `ready` has settled, or why there is none. */
export interface Defined {
  readonly kernel?: KernelFunction;
  run?: AnyFunction;
  failure?: unknown;
  readonly ready?: Promise<void>;
}

export class ThreadDefinitions {
  readonly #loader: TaskLoader;
  readonly #defined = new Map<number, Defined>();
  #actor: object | undefined;

  constructor(loader: TaskLoader) {
    this.#loader = loader;
  }

  get(id: number): Defined {
    return this.#defined.get(id)!;
  }

  set(id: number, definition: ThreadDefinition): void {
    this.#defined.set(id, this.#define(definition));
  }

  clear(): void {
    this.#defined.clear();
  }

  /** Makes the instance whose methods are run from now on. */
  async construct(reference: TypeScriptReference, input: WireValue): Promise<ThreadEnd> {
    try {
      const Actor = (await this.#loader.load(reference)) as unknown as ActorClass;
      this.#actor = new Actor(decodeValue(input.body, input.buffers));
      return { status: 'ok', value: undefined };
    } catch (thrown) {
      return AnantError.is(thrown)
        ? refusalOf(thrown)
        : { status: 'app-error', error: describeError(thrown) };
    }
  }

  #define(definition: ThreadDefinition): Defined {
    if (definition.kind === 'kernel') return { kernel: definition.target };
    return definition.kind === 'method' ? this.#method(definition.name) : this.#load(definition);
  }

  #load(reference: TypeScriptReference): Defined {
    const defined: Defined = {
      ready: this.#loader.load(reference).then(
        (run) => {
          defined.run = run as AnyFunction;
        },
        (thrown: unknown) => {
          defined.failure = thrown;
        },
      ),
    };
    return defined;
  }

  #method(name: string): Defined {
    try {
      return { run: actorMethod(this.#actor, name) as AnyFunction };
    } catch (failure) {
      return { failure, ready: Promise.resolve() };
    }
  }
}
