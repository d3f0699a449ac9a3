/**
 * Updates on their way to everyone: the least told first, the newest among those first, and what a member says of itself
 * before what others say of it (memberlist #159: a refutation must not wait behind a storm).
 */
import type { AccusationUpdate, AliveUpdate, MemberIndex, Update } from './types.js';

/**
 * Hearing an update this often counts as telling it once: what everyone knows dies out sooner (the feedback and counter
 * of rumour mongering, Demers et al., PODC 1987, section 1.4). Not once for once: a rumour that half the members still
 * lack would then end with one in 10^5 never told.
 */
const HEARD_PER_TOLD = 2;

/** An accusation, a departure, with id, signature and frame. */
const PLAIN_BYTES = 112;

/** Numbers of one waiting update, side by side: many queues in one process are otherwise one cache miss a number. */
const SUBJECT = 0;
/** Newer and older one of its list; the newest's `NEWER` is the oldest. */
const OLDER = 1;
const NEWER = 2;
/** Next one in its bucket. */
const CHAINED = 3;
/** Times told, by this node or in its place. */
const SENDS = 4;
/** Times heard from others and not counted as told yet. */
const HEARD = 5;
const BYTES = 6;
const STRIDE = 8;
const NONE = -1;

const SLOTS_START = 8;

export class BroadcastQueue {
  readonly #entriesMax: number;
  readonly #updates: (Update | undefined)[] = [];
  /** `STRIDE` numbers a slot; behind them, one bucket of subjects for each slot. */
  #words = emptyWords(SLOTS_START);
  #capacity = SLOTS_START;
  /** Newest of each list: by times told, statements of the subject itself, then statements about others. */
  readonly #newest: number[] = [];
  /** Slots that were given back, linked by `OLDER`. */
  #free = NONE;
  #size = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an update; an alive or left one ends what was said of the subject before. */
  push(update: Update): void {
    if (update.type === 'alive' || update.type === 'left') this.#drop(update.subject, isAny);
    const slot = this.#newSlot();
    const words = this.#words;
    const at = slot * STRIDE;
    const bucket = this.#bucketOf(update.subject);
    this.#updates[slot] = update;
    words[at + SUBJECT] = update.subject;
    words[at + CHAINED] = words[bucket]!;
    words[at + SENDS] = 0;
    words[at + HEARD] = 0;
    words[at + BYTES] = bytesOf(update);
    words[bucket] = slot;
    this.#link(slot);
    this.#size += 1;
    if (this.#size > this.#entriesMax) this.#shed();
  }

  /** Somebody told this node an update. @returns Whether it is telling just that itself, and so knows it. */
  heard(update: Update): boolean {
    if (this.#size === 0) return false;
    const { subject } = update;
    const words = this.#words;
    let isTold = false;
    for (let slot = words[this.#bucketOf(subject)]!; slot !== NONE; slot = words[slot * STRIDE + CHAINED]!) {
      if (words[slot * STRIDE + SUBJECT] !== subject || !isSame(this.#updates[slot]!, update)) continue;
      words[slot * STRIDE + HEARD]! += 1;
      isTold = true;
    }
    return isTold;
  }

  /** Stops accusing a member: it was decided about. */
  dropAccusations(subject: MemberIndex): void {
    this.#drop(subject, isSuspicion);
  }

  /** Takes updates of at most `bytesMax` together, each counted as told once more and dropped after `sendsMax`. */
  take(bytesMax: number, sendsMax: number): readonly Update[] {
    if (this.#size === 0) return NOTHING;
    const taken: number[] = [];
    let bytes = 0;
    for (let list = 0; list < this.#newest.length && bytes < bytesMax; list++) {
      if (this.#newest[list] !== NONE) bytes = this.#takeFrom(list, taken, bytes, bytesMax, sendsMax);
    }
    const updates: Update[] = [];
    for (const slot of taken) {
      updates.push(this.#updates[slot]!);
      this.#words[slot * STRIDE + SENDS]! += 1;
      this.#file(slot, sendsMax);
    }
    return updates;
  }

  /** @returns Bytes taken in all; `bytesMax` when the next entry has no room. */
  #takeFrom(list: number, taken: number[], before: number, bytesMax: number, sendsMax: number): number {
    const words = this.#words;
    let bytes = before;
    for (let slot = this.#newest[list]!; slot !== NONE; slot = this.#newest[list]!) {
      const at = slot * STRIDE;
      const own = words[at + BYTES]!;
      if (bytes + own > bytesMax && taken.length > 0) return bytesMax;
      this.#unlink(slot);
      const heard = words[at + HEARD]!;
      if (heard < HEARD_PER_TOLD) {
        bytes += own;
        taken.push(slot);
        continue;
      }
      // Others told it meanwhile: it is filed as far down as if this node had.
      words[at + SENDS]! += Math.floor(heard / HEARD_PER_TOLD);
      words[at + HEARD] = heard % HEARD_PER_TOLD;
      this.#file(slot, sendsMax);
    }
    return bytes;
  }

  #file(slot: number, sendsMax: number): void {
    if (this.#words[slot * STRIDE + SENDS]! >= sendsMax) this.#release(slot);
    else this.#link(slot);
  }

  #drop(subject: MemberIndex, isDropped: (update: Update) => boolean): void {
    let slot = this.#words[this.#bucketOf(subject)]!;
    while (slot !== NONE) {
      const next = this.#words[slot * STRIDE + CHAINED]!;
      if (this.#words[slot * STRIDE + SUBJECT] === subject && isDropped(this.#updates[slot]!)) {
        this.#unlink(slot);
        this.#release(slot);
      }
      slot = next;
    }
  }

  /** At the bound: the oldest of those told most often goes, what others say first. */
  #shed(): void {
    const { length } = this.#newest;
    for (let tier = length - 2; tier >= 0; tier -= 2) {
      const newest = this.#newest[tier + 1] !== NONE ? this.#newest[tier + 1]! : this.#newest[tier]!;
      if (newest === NONE) continue;
      const oldest = this.#words[newest * STRIDE + NEWER]!;
      this.#unlink(oldest);
      this.#release(oldest);
      return;
    }
  }

  #listOf(slot: number): number {
    return this.#words[slot * STRIDE + SENDS]! * 2 + (isOwn(this.#updates[slot]!) ? 0 : 1);
  }

  /** Puts a slot into its list as the newest. */
  #link(slot: number): void {
    const list = this.#listOf(slot);
    while (this.#newest.length <= (list | 1)) this.#newest.push(NONE);
    const words = this.#words;
    const second = this.#newest[list]!;
    words[slot * STRIDE + OLDER] = second;
    words[slot * STRIDE + NEWER] = second === NONE ? slot : words[second * STRIDE + NEWER]!;
    if (second !== NONE) words[second * STRIDE + NEWER] = slot;
    this.#newest[list] = slot;
  }

  #unlink(slot: number): void {
    const words = this.#words;
    const list = this.#listOf(slot);
    const newest = this.#newest[list]!;
    const older = words[slot * STRIDE + OLDER]!;
    const newer = words[slot * STRIDE + NEWER]!;
    if (slot === newest) this.#newest[list] = older;
    else words[newer * STRIDE + OLDER] = older;
    // Whoever follows, or the newest that knows the oldest.
    const next = older === NONE ? this.#newest[list]! : older;
    if (next !== NONE) words[next * STRIDE + NEWER] = newer;
  }

  /** Forgets a slot that is in no list any more. */
  #release(slot: number): void {
    const words = this.#words;
    let link = this.#bucketOf(words[slot * STRIDE + SUBJECT]!);
    while (words[link] !== slot) link = words[link]! * STRIDE + CHAINED;
    words[link] = words[slot * STRIDE + CHAINED]!;
    words[slot * STRIDE + OLDER] = this.#free;
    this.#free = slot;
    this.#updates[slot] = undefined;
    this.#size -= 1;
  }

  #newSlot(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#words[free * STRIDE + OLDER]!;
      return free;
    }
    if (this.#updates.length === this.#capacity) this.#grow();
    return this.#updates.push(undefined) - 1;
  }

  #grow(): void {
    const before = this.#words;
    const slots = this.#capacity;
    this.#capacity = slots * 2;
    this.#words = emptyWords(this.#capacity);
    const words = this.#words;
    words.set(before.subarray(0, slots * STRIDE));
    for (let slot = 0; slot < slots; slot++) {
      const bucket = this.#bucketOf(words[slot * STRIDE + SUBJECT]!);
      words[slot * STRIDE + CHAINED] = words[bucket]!;
      words[bucket] = slot;
    }
  }

  #bucketOf(subject: MemberIndex): number {
    return this.#capacity * STRIDE + (subject & (this.#capacity - 1));
  }
}

function emptyWords(slots: number): Int32Array {
  return new Int32Array(slots * (STRIDE + 1)).fill(NONE, slots * STRIDE);
}

function isAny(): boolean {
  return true;
}

function isSuspicion({ type }: Update): boolean {
  return type === 'suspect';
}

const NOTHING: readonly Update[] = [];

function isSame(one: Update, other: Update): boolean {
  if (one === other) return true;
  if (one.type !== other.type || one.type === 'equivocation' || other.type === 'equivocation') return false;
  if (one.incarnation !== other.incarnation) return false;
  if (one.type === 'alive') {
    const { version, digest } = other as AliveUpdate;
    return one.version === version && one.digest === digest;
  }
  return one.type === 'left' || one.author === (other as AccusationUpdate).author;
}

function isOwn(update: Update): boolean {
  return update.type === 'alive' || update.type === 'equivocation';
}

/** Estimated size of an update on the wire. */
export function bytesOf(update: Update): number {
  if (update.type === 'alive') return update.bytes;
  if (update.type === 'equivocation') return update.first.bytes + update.second.bytes;
  return PLAIN_BYTES;
}
