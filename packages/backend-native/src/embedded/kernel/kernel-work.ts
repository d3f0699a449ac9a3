/** One kernel task: placed on a memory when a slot takes it, read out when it has ended. */
import {
  type KernelFunction,
  type KernelMemory,
  type KernelResult,
  placeSharedCall,
  type SharedKernelCall,
  sharedMemoryOf,
} from '@anant/core';
import type { PrivateMemories } from './private-memories.js';

export class KernelWork {
  /** The caller's memory that the kernel runs on; `undefined` when it runs on one of the backend's. */
  readonly memory: KernelMemory | undefined;
  readonly #target: KernelFunction;
  readonly #input: unknown;
  readonly #memories: PrivateMemories;
  #own: KernelMemory | undefined;
  #call: SharedKernelCall | undefined;

  constructor(target: KernelFunction, input: unknown, memories: PrivateMemories) {
    this.#target = target;
    this.#input = input;
    this.#memories = memories;
    this.memory = sharedMemoryOf(target.signature, input);
  }

  /** @throws AnantError `E_KERNEL_INVALID`, `E_OUT_OF_MEMORY` */
  place(): SharedKernelCall {
    try {
      const makeMemory = () => {
        this.#own = this.#memories.take(this.#target.kernel);
        return this.#own;
      };
      this.#call = placeSharedCall(this.#target, this.#input, makeMemory)!;
      return this.#call;
    } catch (error) {
      this.#giveBack();
      throw error;
    }
  }

  /** The result: views of the caller's memory, or copies out of the backend's. */
  finish(returned: number | undefined): KernelResult {
    const call = this.#call!;
    const result = call.finish(returned);
    const own = this.#own;
    if (!own) return result;
    const copied = Object.entries(result).map(([name, value]) => {
      if (typeof value === 'number') return [name, value];
      const copy = copyOf(value);
      own.free(value);
      return [name, copy];
    });
    this.#giveBack();
    return Object.fromEntries(copied) as KernelResult;
  }

  /** Gives back what the call holds; nothing may run on it any more. */
  abandon(): void {
    this.#call?.abandon();
    this.#call = undefined;
    this.#giveBack();
  }

  #giveBack(): void {
    if (this.#own) this.#memories.giveBack(this.#own);
    this.#own = undefined;
  }
}

/** `slice` of an array over shared memory would be shared, too. */
function copyOf<Values extends Exclude<KernelResult[string], number>>(values: Values): Values {
  const Same = values.constructor as new (length: number) => Values;
  const copy = new Same(values.length);
  copy.set(values as never);
  return copy;
}
