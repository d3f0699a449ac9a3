/** External ids whose things come, go and come again: each time is a version with an index of its own. */
import { IdInterner } from '../ids/id-interner.js';
import type { ExternalId, IdTable } from '../ids/id-table.js';
import { Lifetimes } from './epoch.js';
import { GrowableU32 } from './growable.js';

export class VersionedIds {
  readonly #base: IdTable;
  readonly #later = new IdInterner();
  /** Newest version + 1 by slot; 0 is none. Slots are indexes of the base, then provisional indexes, which have gaps. */
  readonly #latest = new GrowableU32();
  /** By version. */
  readonly #slots = new GrowableU32();
  /** Version before it of the same id, + 1; 0 is none. */
  readonly #previous = new GrowableU32();
  readonly #lives = new Lifetimes();

  /** @param base Its ids are versions 0 to size - 1, alive since epoch 0. */
  constructor(base: IdTable) {
    this.#base = base;
    this.#lives.begin(base.size);
    this.#previous.extend(base.size, 0);
    this.#slots.extend(base.size, 0);
    this.#latest.extend(base.size, 0);
    for (let index = 0; index < base.size; index++) {
      this.#slots.set(index, index);
      this.#latest.set(index, index + 1);
    }
  }

  /** Versions so far. */
  get length(): number {
    return this.#lives.length;
  }

  /** The version of an id that is alive at an epoch, or -1. */
  find(id: ExternalId, epoch: number): number {
    const inBase = this.#indexInBase(id);
    if (inBase >= 0) return this.aliveIn(inBase, epoch);
    const later = this.#later.find(id);
    return later < 0 ? -1 : this.aliveIn(this.#base.size + later, epoch);
  }

  /** The slot of an id, to look for a version or add one; made when it is new. @throws AnantError `E_GRAPH_INVALID` */
  reserve(id: ExternalId): number {
    const inBase = this.#indexInBase(id);
    return inBase >= 0 ? inBase : this.#base.size + this.#later.intern(id);
  }

  /** The version of a slot that is alive at an epoch, or -1. */
  aliveIn(slot: number, epoch: number): number {
    let entry = slot < this.#latest.length ? this.#latest.at(slot) : 0;
    while (entry !== 0 && !this.#lives.isAlive(entry - 1, epoch)) entry = this.#previous.at(entry - 1);
    return entry - 1;
  }

  add(slot: number, epoch: number): number {
    if (slot >= this.#latest.length) this.#latest.extend(slot + 1, 0);
    this.#slots.push(slot);
    this.#previous.push(this.#latest.at(slot));
    const version = this.#lives.push(epoch);
    this.#latest.set(slot, version + 1);
    return version;
  }

  remove(version: number, epoch: number): void {
    this.#lives.remove(version, epoch);
  }

  restore(version: number): void {
    this.#lives.restore(version);
  }

  isAlive(version: number, epoch: number): boolean {
    return this.#lives.isAlive(version, epoch);
  }

  slotOf(version: number): number {
    return this.#slots.at(version);
  }

  externalOf(version: number): ExternalId {
    const slot = this.#slots.at(version);
    const inBase = this.#base.size;
    return slot < inBase ? this.#base.externalOf(slot) : this.#later.externalOf(slot - inBase);
  }

  /** Takes back the versions from `length` on. */
  truncate(length: number): void {
    for (let version = this.#lives.length - 1; version >= length; version--) {
      this.#latest.set(this.#slots.at(version), this.#previous.at(version));
    }
    this.#slots.truncate(length);
    this.#previous.truncate(length);
    this.#lives.truncate(length);
  }

  #indexInBase(id: ExternalId): number {
    return this.#base.size > 0 ? this.#base.indexOf(id) : -1;
  }
}
