/** One node's knowledge of every member, as columns: with ten thousand members it is a hundred kilobytes. */

import type { Directory } from './directory.js';
import { mix } from './hash.js';
import { SharedColumn } from './shared-column.js';
import type { AliveUpdate, MemberIndex, MemberStatus } from './types.js';

/** Buckets of the anti-entropy digest. */
export const DIGEST_BUCKETS = 64;

const STATUSES: readonly MemberStatus[] = ['unknown', 'alive', 'suspect', 'dead', 'left', 'barred'];
export const UNKNOWN = 0;
export const ALIVE = 1;
export const SUSPECT = 2;
export const DEAD = 3;
export const LEFT = 4;
export const BARRED = 5;

export class MemberTable {
  /** Members alive or suspect, this node included. */
  reachable = 0;
  /** Order-independent digest per bucket, over who is in which incarnation, version and final state. */
  readonly digest = new Uint32Array(DIGEST_BUCKETS);
  readonly #directory: Directory;
  #codes: Uint8Array;
  #incarnations: Uint32Array;
  readonly #records = new SharedColumn<AliveUpdate>();
  /** Versions above 0, for the digest. */
  #versions = new Map<MemberIndex, number>();

  constructor(directory: Directory) {
    this.#directory = directory;
    const capacity = roomFor(directory.size);
    this.#codes = new Uint8Array(capacity);
    this.#incarnations = new Uint32Array(capacity);
  }

  /** Members the directory knows, known here or not. */
  get size(): number {
    return this.#directory.size;
  }

  code(index: MemberIndex): number {
    return this.#codes[index] ?? UNKNOWN;
  }

  status(index: MemberIndex): MemberStatus {
    return STATUSES[this.code(index)]!;
  }

  isReachable(index: MemberIndex): boolean {
    const code = this.#codes[index];
    return code === ALIVE || code === SUSPECT;
  }

  incarnation(index: MemberIndex): number {
    return this.#incarnations[index] ?? 0;
  }

  /** What the member said of itself last. */
  record(index: MemberIndex): AliveUpdate | undefined {
    return this.#records.get(index);
  }

  setAlive(update: AliveUpdate): void {
    this.#records.set(update.subject, update);
    this.#write(update.subject, ALIVE, update.incarnation, update);
  }

  /** Knows what another table of the same directory knows, and nothing else: a simulated cluster starts so. */
  copyFrom(other: MemberTable): void {
    this.#codes = other.#codes.slice();
    this.#incarnations = other.#incarnations.slice();
    this.#records.copyFrom(other.#records);
    this.#versions = new Map(other.#versions);
    this.digest.set(other.digest);
    this.reachable = other.reachable;
  }

  setCode(index: MemberIndex, code: number, incarnation: number): void {
    this.#write(index, code, incarnation, this.#records.get(index));
  }

  forget(index: MemberIndex): void {
    this.#write(index, UNKNOWN, 0, undefined);
    this.#records.set(index, undefined);
  }

  bucketOf(index: MemberIndex): number {
    return this.#directory.hashOf(index) % DIGEST_BUCKETS;
  }

  #write(index: MemberIndex, code: number, incarnation: number, record: AliveUpdate | undefined): void {
    if (index >= this.#codes.length) this.#grow(index);
    const wasReachable = this.isReachable(index);
    this.digest[this.bucketOf(index)]! ^= this.#fingerprint(index, this.#versions.get(index) ?? 0);
    this.#codes[index] = code;
    this.#incarnations[index] = incarnation;
    if (record !== undefined && record.version > 0) this.#versions.set(index, record.version);
    else this.#versions.delete(index);
    this.digest[this.bucketOf(index)]! ^= this.#fingerprint(index, record?.version ?? 0);
    this.reachable += Number(this.isReachable(index)) - Number(wasReachable);
  }

  /**
   * Only what a member itself declared, as suspicion passes; and not of a dead one, of which nobody is told any more: to
   * who came later it would be a difference for ever.
   */
  #fingerprint(index: MemberIndex, version: number): number {
    const code = this.#codes[index]!;
    if (code === UNKNOWN || code === DEAD) return 0;
    const kind = code === LEFT || code === BARRED ? code : ALIVE;
    return mix(this.#directory.hashOf(index) ^ kind, mix(this.#incarnations[index]!, version));
  }

  #grow(index: MemberIndex): void {
    const capacity = roomFor(index + 1);
    const codes = new Uint8Array(capacity);
    codes.set(this.#codes);
    this.#codes = codes;
    const incarnations = new Uint32Array(capacity);
    incarnations.set(this.#incarnations);
    this.#incarnations = incarnations;
  }
}

/** Room for a quarter more than there are, so that one newcomer does not make ten thousand simulated tables grow. */
function roomFor(members: number): number {
  return Math.max(64, Math.ceil(members * 1.25));
}
