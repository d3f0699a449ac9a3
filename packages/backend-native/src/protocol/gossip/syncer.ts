/**
 * Anti-entropy: two nodes compare digests of 64 buckets and send each other only what differs, in bounded frames. It
 * repairs what the epidemic missed, brings joiners up to date, and knocks at dead members and seeds.
 */
import { RETRY, SYNC } from './agenda.js';
import { bytesOf } from './broadcast-queue.js';
import type { Core } from './core.js';
import { DEAD, DIGEST_BUCKETS, LEFT } from './member-table.js';
import { PerSecond } from './per-second.js';
import type { Suspector } from './suspector.js';
import type { GossipMessage, LeftUpdate, MemberIndex, Update } from './types.js';

/** Wait before the next push-pull while the last one brought news. */
const AGAIN_MS = 500;
/** Members from which on push-pulls become rarer. */
const SCALE_MEMBERS = 32;

export class Syncer {
  readonly #core: Core;
  readonly #suspector: Suspector;
  readonly #left = new Map<MemberIndex, LeftUpdate>();
  #seeds: readonly string[] = [];
  #retryMs: number;
  readonly #answers: PerSecond;
  /** Digest of this node at its last offer. */
  #offered: Uint32Array | undefined;
  /** Whether anybody answered an offer yet. */
  hasJoined = false;

  constructor(core: Core, suspector: Suspector) {
    this.#core = core;
    this.#suspector = suspector;
    this.#retryMs = core.tuning.retryMs;
    this.#answers = new PerSecond(core.tuning.syncsPerSecondMax);
  }

  start(seeds: readonly string[]): void {
    this.#seeds = seeds.filter((address) => address !== this.#core.self.record.address);
    if (seeds.length > 0) this.#core.agenda[RETRY] = this.#core.nowMs;
    this.#core.agenda[SYNC] = this.#core.nowMs + this.#core.random() * this.#intervalMs();
  }

  stop(): void {
    this.#core.agenda[SYNC] = Number.POSITIVE_INFINITY;
    this.#core.agenda[RETRY] = Number.POSITIVE_INFINITY;
  }

  /** Somebody was lost: knock soon, then ever more seldom. */
  onDead(): void {
    this.#retryMs = this.#core.tuning.retryMs;
    this.#core.agenda[RETRY] = Math.min(
      this.#core.agenda[RETRY]!,
      this.#core.nowMs + this.#jittered(this.#retryMs),
    );
  }

  /** Keeps a departure, so that it can be proved to those who missed it. */
  keepLeft(update: LeftUpdate): void {
    this.#left.set(update.subject, update);
  }

  dropLeft(subject: MemberIndex): void {
    this.#left.delete(subject);
  }

  tick(): void {
    const { nowMs } = this.#core;
    if (nowMs >= this.#core.agenda[SYNC]!) {
      this.#core.agenda[SYNC] = nowMs + this.#intervalMs();
      for (const peer of this.#core.randomMembers(1, (index) => this.#core.isUnsuspected(index)))
        this.offerTo(peer);
    }
    if (nowMs >= this.#core.agenda[RETRY]!) this.#retry();
  }

  /** There is news of a dead member: try to reach it now, and again soon. */
  knock(subject: MemberIndex): void {
    if (this.#knockAt(subject) === 'known') this.onDead();
  }

  offerTo(peer: MemberIndex): void {
    this.#core.send(peer, this.#offer());
  }

  onOffer(from: MemberIndex, message: GossipMessage & { type: 'offer' }): void {
    if (!this.#answers.take(this.#core.nowMs)) return;
    this.#sendEntries(from, this.#differing(message.digest), this.#core.table.digest.slice());
  }

  onEntries(from: MemberIndex, message: GossipMessage & { type: 'entries' }): void {
    this.hasJoined = true;
    if (message.digest === undefined) return;
    const wanted = this.#differing(message.digest);
    if (!wanted.includes(true)) return;
    if (this.#offered !== undefined && isDifferent(this.#core.table.digest, this.#offered))
      this.#core.agenda[SYNC] = Math.min(
        this.#core.agenda[SYNC]!,
        this.#core.nowMs + this.#jittered(AGAIN_MS),
      );
    this.#sendEntries(from, wanted, undefined);
  }

  #sendEntries(to: MemberIndex, wanted: readonly boolean[], digest: Uint32Array | undefined): void {
    const frames = this.#frames(wanted);
    frames.forEach((updates, index) => {
      const isLast = index === frames.length - 1;
      this.#core.send(to, { type: 'entries', updates, digest: isLast ? digest : undefined });
    });
  }

  /** At least one frame, as an empty answer is an answer; it starts anywhere, so that a cut one differs each time. */
  #frames(wanted: readonly boolean[]): readonly (readonly Update[])[] {
    const { table, tuning } = this.#core;
    const frames: Update[][] = [[]];
    if (!wanted.includes(true)) return frames;
    let bytes = 0;
    const start = Math.floor(this.#core.random() * table.size);
    for (let step = 0; step < table.size; step++) {
      const index = (start + step) % table.size;
      if (table.code(index) === 0 || !wanted[table.bucketOf(index)]) continue;
      for (const update of this.#statementsOf(index)) {
        const size = bytesOf(update);
        if (bytes + size > tuning.syncFrameBytesMax && bytes > 0) {
          if (frames.length >= tuning.syncFramesMax) return frames;
          frames.push([]);
          bytes = 0;
        }
        frames.at(-1)!.push(update);
        bytes += size;
      }
    }
    return frames;
  }

  /** What may be passed on of a member: its own words, and what it is accused of. A dead one is not spread again. */
  #statementsOf(index: MemberIndex): readonly Update[] {
    const { table } = this.#core;
    const record = table.record(index);
    if (table.code(index) === LEFT) {
      const left = this.#left.get(index);
      return left === undefined || record === undefined ? [] : [record, left];
    }
    if (!table.isReachable(index) || record === undefined) return [];
    const evidence = this.#suspector.evidenceOf(index);
    return evidence === undefined ? [record] : [record, evidence];
  }

  #differing(digest: Uint32Array): readonly boolean[] {
    const own = this.#core.table.digest;
    return Array.from({ length: DIGEST_BUCKETS }, (_, bucket) => own[bucket] !== digest[bucket]);
  }

  #offer(): GossipMessage {
    const { table, self } = this.#core;
    // A newcomer is known to the other only by what it brings along.
    this.#offered = table.digest.slice();
    return { type: 'offer', digest: this.#offered, updates: [self] };
  }

  #retry(): void {
    const { nowMs, tuning, table } = this.#core;
    const isAlone = table.reachable <= 1;
    if (this.#seeds.length > 0 && (isAlone || !this.hasJoined)) {
      for (const address of this.#seeds)
        this.#core.emit({ type: 'send-address', address, message: this.#offer() });
    }
    const dead = this.#suspector.randomDead();
    if (dead !== undefined) this.#knockAt(dead);
    const isDone = this.#suspector.deadCount === 0 && this.hasJoined && !isAlone;
    this.#core.agenda[RETRY] = isDone ? Number.POSITIVE_INFINITY : nowMs + this.#jittered(this.#retryMs);
    this.#retryMs = Math.min(tuning.retryMsMax, this.#retryMs * 2);
  }

  #knockAt(subject: MemberIndex): 'known' | 'well' {
    const { epoch, self, table } = this.#core;
    if (table.code(subject) !== DEAD) return 'well';
    const evidence = this.#suspector.evidenceOf(subject);
    const updates = evidence === undefined ? [self] : [self, evidence];
    this.#core.send(subject, { type: 'ping', sequence: 0, epoch, updates });
    return 'known';
  }

  #intervalMs(): number {
    const { tuning, table } = this.#core;
    if (tuning.syncIntervalMs === 0) return Number.POSITIVE_INFINITY;
    const members = table.reachable;
    const scale = members <= SCALE_MEMBERS ? 1 : Math.ceil(Math.log2(members / SCALE_MEMBERS)) + 1;
    return tuning.syncIntervalMs * scale;
  }

  #jittered(ms: number): number {
    return ms * (0.5 + this.#core.random() / 2);
  }
}

function isDifferent(one: Uint32Array, other: Uint32Array): boolean {
  return one.some((word, bucket) => word !== other[bucket]);
}
