/**
 * Updates on their way to everyone: the least told first, the newest among those first, and what a member says of itself
 * before what others say of it (memberlist #159: a refutation must not wait behind a storm).
 */
import type { AccusationUpdate, AliveUpdate, MemberIndex, Update } from './types.js';

interface Entry {
  readonly update: Update;
  readonly bytes: number;
  /** Times told, by this node or in its place. */
  sends: number;
  /** Times heard from others and not counted as told yet. */
  heard: number;
  isStale: boolean;
}

/**
 * Hearing an update this often counts as telling it once: what everyone knows dies out sooner (the feedback and counter
 * of rumour mongering, Demers et al., PODC 1987, section 1.4). Not once for once: a rumour that half the members still
 * lack would then end with one in 10^5 never told.
 */
const HEARD_PER_TOLD = 2;

/** An accusation, a departure, with id, signature and frame. */
const PLAIN_BYTES = 112;

export class BroadcastQueue {
  readonly #entriesMax: number;
  /** By times told: statements of the subject itself, and statements about others. */
  readonly #tiers: { own: Entry[]; others: Entry[] }[] = [];
  readonly #bySubject = new Map<MemberIndex, Entry[]>();
  #size = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an update; an alive or left one ends what was said of the subject before. */
  push(update: Update): void {
    const entry = { update, bytes: bytesOf(update), sends: 0, heard: 0, isStale: false };
    const told = this.#bySubject.get(update.subject);
    if (told === undefined || update.type === 'alive' || update.type === 'left') {
      for (const old of told ?? []) this.#drop(old);
      this.#bySubject.set(update.subject, [entry]);
    } else told.push(entry);
    this.#tier(0)[isOwn(update) ? 'own' : 'others'].push(entry);
    this.#size += 1;
    if (this.#size > this.#entriesMax) this.#shed();
  }

  /** Somebody told this node an update that it may be telling itself. */
  heard(update: Update): void {
    if (this.#size === 0) return;
    const told = this.#bySubject.get(update.subject);
    if (told === undefined) return;
    for (const entry of told) if (isSame(entry.update, update)) entry.heard += 1;
  }

  /** Stops accusing a member: it was decided about. */
  dropAccusations(subject: MemberIndex): void {
    const told = this.#bySubject.get(subject)?.filter((entry) => entry.update.type === 'suspect') ?? [];
    for (const entry of told) this.#finish(entry);
  }

  /** Takes updates of at most `bytesMax` together, each counted as told once more and dropped after `sendsMax`. */
  take(bytesMax: number, sendsMax: number): readonly Update[] {
    if (this.#size === 0) return NOTHING;
    const taken: Entry[] = [];
    let bytes = 0;
    for (let sends = 0; sends < this.#tiers.length; sends++) {
      const { own, others } = this.#tiers[sends]!;
      bytes = this.#takeFrom(own, taken, bytes, bytesMax, sendsMax);
      if (bytes < bytesMax) bytes = this.#takeFrom(others, taken, bytes, bytesMax, sendsMax);
      if (bytes >= bytesMax) break;
    }
    for (const entry of taken) {
      entry.sends += 1;
      this.#file(entry, sendsMax);
    }
    return taken.map(({ update }) => update);
  }

  /** @returns Bytes taken in all; `bytesMax` when the next entry has no room. */
  #takeFrom(stack: Entry[], taken: Entry[], before: number, bytesMax: number, sendsMax: number): number {
    let bytes = before;
    while (stack.length > 0) {
      const entry = stack.at(-1)!;
      if (!entry.isStale && bytes + entry.bytes > bytesMax && taken.length > 0) return bytesMax;
      stack.pop();
      if (entry.isStale || this.#isKnownWell(entry, sendsMax)) continue;
      bytes += entry.bytes;
      taken.push(entry);
    }
    return bytes;
  }

  /** Files an entry that others told meanwhile as far down as if this node had. @returns Whether it did. */
  #isKnownWell(entry: Entry, sendsMax: number): boolean {
    if (entry.heard < HEARD_PER_TOLD) return false;
    entry.sends += Math.floor(entry.heard / HEARD_PER_TOLD);
    entry.heard %= HEARD_PER_TOLD;
    this.#file(entry, sendsMax);
    return true;
  }

  #file(entry: Entry, sendsMax: number): void {
    if (entry.sends >= sendsMax) this.#finish(entry);
    else this.#tier(entry.sends)[isOwn(entry.update) ? 'own' : 'others'].push(entry);
  }

  #finish(entry: Entry): void {
    this.#drop(entry);
    const { subject } = entry.update;
    const rest = this.#bySubject.get(subject)?.filter((other) => other !== entry) ?? [];
    if (rest.length > 0) this.#bySubject.set(subject, rest);
    else this.#bySubject.delete(subject);
  }

  #drop(entry: Entry): void {
    if (entry.isStale) return;
    entry.isStale = true;
    this.#size -= 1;
  }

  #shed(): void {
    for (let sends = this.#tiers.length - 1; sends >= 0; sends--) {
      for (const stack of [this.#tiers[sends]!.others, this.#tiers[sends]!.own]) {
        const oldest = stack.shift();
        if (oldest === undefined) continue;
        if (!oldest.isStale) this.#finish(oldest);
        if (this.#size <= this.#entriesMax) return;
      }
    }
  }

  #tier(sends: number): { own: Entry[]; others: Entry[] } {
    while (this.#tiers.length <= sends) this.#tiers.push({ own: [], others: [] });
    return this.#tiers[sends]!;
  }
}

const NOTHING: readonly Update[] = [];

function isSame(one: Update, other: Update): boolean {
  if (one === other) return true;
  if (one.type !== other.type || one.type === 'equivocation' || other.type === 'equivocation') return false;
  if (one.incarnation !== other.incarnation) return false;
  if (one.type === 'alive') return one.version === (other as AliveUpdate).version;
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
