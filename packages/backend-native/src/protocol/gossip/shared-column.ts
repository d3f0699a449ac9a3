/**
 * Values by member, in blocks that copies of the column share until one of them writes: ten thousand simulated members
 * that know each other hold each record once, not ten thousand times.
 */
import type { MemberIndex } from './types.js';

const BLOCK_BITS = 8;
const BLOCK_SIZE = 1 << BLOCK_BITS;

type Block<Value> = (Value | undefined)[];

export class SharedColumn<Value> {
  #blocks: (Block<Value> | undefined)[] = [];
  readonly #shared = new Set<number>();

  get(index: MemberIndex): Value | undefined {
    return this.#blocks[index >>> BLOCK_BITS]?.[index & (BLOCK_SIZE - 1)];
  }

  set(index: MemberIndex, value: Value | undefined): void {
    this.#own(index >>> BLOCK_BITS)[index & (BLOCK_SIZE - 1)] = value;
  }

  /** Holds what another column holds, and nothing else. */
  copyFrom(other: SharedColumn<Value>): void {
    this.#blocks = other.#blocks.slice();
    this.#blocks.forEach((_, number) => {
      this.#shared.add(number);
      other.#shared.add(number);
    });
  }

  #own(number: number): Block<Value> {
    while (this.#blocks.length <= number) this.#blocks.push(undefined);
    const block = this.#blocks[number];
    if (block !== undefined && !this.#shared.has(number)) return block;
    const own = block?.slice() ?? new Array<Value | undefined>(BLOCK_SIZE).fill(undefined);
    this.#shared.delete(number);
    this.#blocks[number] = own;
    return own;
  }
}
