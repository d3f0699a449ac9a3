/** First-fit allocation of aligned byte ranges over one growing address space. Pure bookkeeping: touches no memory. */
import { alignUp } from './kernel-arrays.js';

interface Block {
  readonly offset: number;
  readonly bytes: number;
}

export interface Allocation {
  readonly offset: number;
  /** Rounded up to the alignment; never 0. */
  readonly bytes: number;
  /** The part from here to the end of the range has never been handed out, so it still holds zeros. */
  readonly freshFrom: number;
}

export class BlockAllocator {
  readonly #live = new Map<number, number>();
  /** Holes below `#top`, by rising offset, never adjacent to each other or to `#top`. */
  #holes: Block[] = [];
  #top: number;
  /** Everything at or above was never handed out. */
  #fresh: number;
  #usedBytes = 0;

  /** @param baseBytes First offset that may be handed out. */
  constructor(baseBytes: number) {
    this.#top = alignUp(baseBytes);
    this.#fresh = this.#top;
  }

  /** End of the highest live range. */
  get topBytes(): number {
    return this.#top;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** End of the range that `allocate(bytes)` would hand out. */
  endOf(bytes: number): number {
    const size = sizeOf(bytes);
    const hole = this.#holes.find((candidate) => candidate.bytes >= size);
    return (hole?.offset ?? this.#top) + size;
  }

  allocate(bytes: number): Allocation {
    const size = sizeOf(bytes);
    const index = this.#holes.findIndex((candidate) => candidate.bytes >= size);
    const offset = index < 0 ? this.#top : this.#takeHole(index, size);
    if (index < 0) this.#top += size;
    const freshFrom = Math.min(Math.max(offset, this.#fresh), offset + size);
    this.#fresh = Math.max(this.#fresh, offset + size);
    this.#live.set(offset, size);
    this.#usedBytes += size;
    return { offset, bytes: size, freshFrom };
  }

  has(offset: number): boolean {
    return this.#live.has(offset);
  }

  /** Returns a range. @returns `false` when no live range starts at `offset`. */
  free(offset: number): boolean {
    const bytes = this.#live.get(offset);
    if (bytes === undefined) return false;
    this.#live.delete(offset);
    this.#usedBytes -= bytes;
    this.#addHole({ offset, bytes });
    return true;
  }

  #takeHole(index: number, size: number): number {
    const hole = this.#holes[index]!;
    const rest = { offset: hole.offset + size, bytes: hole.bytes - size };
    this.#holes.splice(index, 1, ...(rest.bytes > 0 ? [rest] : []));
    return hole.offset;
  }

  #addHole(freed: Block): void {
    let { offset, bytes } = freed;
    let index = this.#holes.findIndex((hole) => hole.offset > offset);
    if (index < 0) index = this.#holes.length;
    const after = this.#holes[index];
    if (after && after.offset === offset + bytes) {
      bytes += after.bytes;
      this.#holes.splice(index, 1);
    }
    const before = this.#holes[index - 1];
    if (before && before.offset + before.bytes === offset) {
      offset = before.offset;
      bytes += before.bytes;
      index -= 1;
      this.#holes.splice(index, 1);
    }
    if (offset + bytes === this.#top) this.#top = offset;
    else this.#holes.splice(index, 0, { offset, bytes });
  }
}

const sizeOf = (bytes: number): number => Math.max(alignUp(bytes), alignUp(1));
