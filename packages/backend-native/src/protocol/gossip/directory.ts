/** Numbers for node ids, so that tables are arrays. A process has one; simulated nodes share one. */
import { hashText } from './hash.js';
import type { MemberIndex } from './types.js';

/** Ids one process numbers in its life; what comes after is treated as unknown and its messages are dropped. */
export const MEMBERS_MAX = 65_536;

export class Directory {
  readonly #ids: string[] = [];
  readonly #hashes: number[] = [];
  readonly #indexes = new Map<string, MemberIndex>();

  get size(): number {
    return this.#ids.length;
  }

  indexOf(id: string): MemberIndex | undefined {
    return this.#indexes.get(id);
  }

  /** @returns The number of the id, or `undefined` at `MEMBERS_MAX`. */
  add(id: string): MemberIndex | undefined {
    const known = this.#indexes.get(id);
    if (known !== undefined) return known;
    if (this.#ids.length >= MEMBERS_MAX) return undefined;
    const index = this.#ids.push(id) - 1;
    this.#hashes.push(hashText(id));
    this.#indexes.set(id, index);
    return index;
  }

  /** @throws TypeError for a number that was never given out. */
  idOf(index: MemberIndex): string {
    const id = this.#ids[index];
    if (id === undefined) throw new TypeError(`There is no member ${index} among ${this.#ids.length}.`);
    return id;
  }

  /** 32-bit hash of the id, equal in every process. */
  hashOf(index: MemberIndex): number {
    return this.#hashes[index]!;
  }
}
