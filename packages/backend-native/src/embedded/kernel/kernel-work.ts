/** One kernel task: placed on a memory when a slot takes it, read out when it has ended. */
import {
  copyArray,
  type KernelFunction,
  KernelMemory,
  type KernelResult,
  placeSharedCall,
  type SharedKernelCall,
  sharedMemoryOf,
} from '@anant/core';
import { checkBytes } from '../prepared-input.js';
import type { PrivateMemories } from './private-memories.js';

export class KernelWork {
  /** The caller's memory that the kernel runs on; `undefined` when it runs on one of the backend's. */
  readonly memory: KernelMemory | undefined;
  readonly #target: KernelFunction;
  readonly #input: unknown;
  readonly #memories: PrivateMemories;
  readonly #payloadBytesMax: number;
  #own: KernelMemory | undefined;
  #call: SharedKernelCall | undefined;

  /** @throws AnantError `E_PAYLOAD_TOO_LARGE` when what must be copied in is too much. */
  constructor(target: KernelFunction, input: unknown, memories: PrivateMemories, payloadBytesMax: number) {
    this.#target = target;
    this.#input = input;
    this.#memories = memories;
    this.#payloadBytesMax = payloadBytesMax;
    checkBytes('input', copiedBytes(input), payloadBytesMax);
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
      if (this.#own) checkBytes('result', outBytes(this.#call), this.#payloadBytesMax);
      return this.#call;
    } catch (error) {
      this.#call?.abandon();
      this.#call = undefined;
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
      const copy = copyArray(value);
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

/** Bytes of the input's arrays that are in no memory of the caller's. */
function copiedBytes(input: unknown): number {
  if (typeof input !== 'object' || input === null) return 0;
  let bytes = 0;
  for (const value of Object.values(input)) {
    if (ArrayBuffer.isView(value) && !KernelMemory.of(value)) bytes += value.byteLength;
  }
  return bytes;
}

const outBytes = ({ layout }: SharedKernelCall): number =>
  layout.slots.reduce((sum, { role, bytes }) => (role === 'out' ? sum + bytes : sum), 0);
