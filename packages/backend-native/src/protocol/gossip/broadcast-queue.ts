/**
 * Updates on their way to everyone: the least told first, the newest among those first, and what a member says of itself
 * before what others say of it (memberlist #159: a refutation must not wait behind a storm).
 */
import type { MemberIndex, Update } from './types.js';

interface Entry {
  readonly update: Update;
  readonly bytes: number;
  isStale: boolean;
}

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
    const entry = { update, bytes: bytesOf(update), isStale: false };
    const told = this.#bySubject.get(update.subject);
    if (told === undefined || update.type === 'alive' || update.type === 'left') {
      for (const old of told ?? []) this.#drop(old);
      this.#bySubject.set(update.subject, [entry]);
    } else told.push(entry);
    this.#tier(0)[isOwn(update) ? 'own' : 'others'].push(entry);
    this.#size += 1;
    if (this.#size > this.#entriesMax) this.#shed();
  }

  /** Takes updates of at most `bytesMax` together, each counted as told once more and dropped after `sendsMax`. */
  take(bytesMax: number, sendsMax: number): readonly Update[] {
    if (this.#size === 0) return NOTHING;
    const taken: { entry: Entry; sends: number }[] = [];
    let bytes = 0;
    for (let sends = 0; sends < this.#tiers.length; sends++) {
      for (const stack of [this.#tiers[sends]!.own, this.#tiers[sends]!.others]) {
        while (stack.length > 0) {
          const entry = stack.at(-1)!;
          if (!entry.isStale && bytes + entry.bytes > bytesMax && taken.length > 0)
            return this.#retell(taken, sendsMax);
          stack.pop();
          if (entry.isStale) continue;
          bytes += entry.bytes;
          taken.push({ entry, sends });
        }
      }
    }
    return this.#retell(taken, sendsMax);
  }

  #retell(taken: readonly { entry: Entry; sends: number }[], sendsMax: number): readonly Update[] {
    for (const { entry, sends } of taken) {
      if (sends + 1 >= sendsMax) this.#finish(entry);
      else this.#tier(sends + 1)[isOwn(entry.update) ? 'own' : 'others'].push(entry);
    }
    return taken.map(({ entry }) => entry.update);
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

function isOwn(update: Update): boolean {
  return update.type === 'alive' || update.type === 'equivocation';
}

/** Estimated size of an update on the wire. */
export function bytesOf(update: Update): number {
  if (update.type === 'alive') return update.bytes;
  if (update.type === 'equivocation') return update.first.bytes + update.second.bytes;
  return PLAIN_BYTES;
}
