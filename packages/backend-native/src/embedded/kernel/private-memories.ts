/** Memories for kernel calls whose arrays are not in one: used again, since making one costs more than a small call. */
import { KernelMemory, type KernelModule } from '@anant/core';

const PAGE_BYTES = 65_536;
/** Larger memories are dropped after use: memory never shrinks. */
const KEPT_BYTES_MAX = 268_435_456;

export class PrivateMemories {
  readonly #keptMax: number;
  readonly #idle: KernelMemory[] = [];

  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  /** @throws AnantError `E_OUT_OF_MEMORY` or RangeError when the system cannot give one. */
  take(kernel: KernelModule): KernelMemory {
    const at = this.#idle.findIndex(
      (memory) => memory.maximumPages <= kernel.maximumPages && memory.reservedBytes >= kernel.heapBase,
    );
    if (at >= 0) return this.#idle.splice(at, 1)[0]!;
    return new KernelMemory({
      initialBytes: kernel.initialPages * PAGE_BYTES,
      maximumBytes: kernel.maximumPages * PAGE_BYTES,
      reservedBytes: kernel.heapBase,
    });
  }

  /** Gives a memory back. Everything allocated in it must be free. */
  giveBack(memory: KernelMemory): void {
    if (memory.buffer.byteLength > KEPT_BYTES_MAX) return;
    this.#idle.push(memory);
    if (this.#idle.length > this.#keptMax) this.#idle.shift();
  }

  clear(): void {
    this.#idle.length = 0;
  }
}
