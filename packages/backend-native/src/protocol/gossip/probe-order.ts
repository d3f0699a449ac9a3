/**
 * Round-robin probing in an order shuffled anew each round (SWIM section 4.3), without storing the order: a keyed
 * permutation (four Feistel rounds, walking past what is out of range) gives the n-th of a round.
 */
import type { Random } from '@anant/core';
import { mix } from './hash.js';
import type { MemberIndex } from './types.js';

const ROUNDS = 4;

export class ProbeOrder {
  readonly #random: Random;
  #key = 0;
  #position = 0;
  #count = 0;
  #halfBits = 1;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The next member for which `isWanted`, of `count` in the directory; `undefined` when a whole round has none. */
  next(count: number, isWanted: (index: MemberIndex) => boolean): MemberIndex | undefined {
    for (let round = 0; round < 2; round++) {
      while (this.#position < this.#count) {
        const index = this.#permute(this.#position++);
        if (isWanted(index)) return index;
      }
      this.#shuffle(count);
    }
    for (let index = this.#position; index < this.#count; index++) {
      const candidate = this.#permute(this.#position++);
      if (isWanted(candidate)) return candidate;
    }
    return undefined;
  }

  #shuffle(count: number): void {
    this.#count = count;
    this.#position = 0;
    this.#key = Math.floor(this.#random() * 0x1_0000_0000);
    this.#halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(count, 2)) / 2));
  }

  #permute(position: number): MemberIndex {
    let value = position;
    do value = this.#encrypt(value);
    while (value >= this.#count);
    return value;
  }

  #encrypt(value: number): number {
    const mask = (1 << this.#halfBits) - 1;
    let left = value >>> this.#halfBits;
    let right = value & mask;
    for (let round = 0; round < ROUNDS; round++) {
      const next = left ^ (mix(this.#key + round, right) & mask);
      left = right;
      right = next;
    }
    return (left << this.#halfBits) | right;
  }
}
