/** A head's copy of the log and of the state it gives, through all the roles the head has. */
import { randomUUID } from 'node:crypto';
import {
  type FollowerState,
  type HeadPosition,
  newFollower,
  offerEntries,
  offerSnapshot,
} from '../../protocol/replication/index.js';
import {
  type JournalEntry,
  newSchedulerState,
  replay,
  type SchedulerSettings,
  type SchedulerState,
  snapshotRecords,
} from '../../protocol/scheduler/index.js';
import { decodeEntry, encodeEntry } from '../journal/entry-codec.js';
import type { Journal } from '../journal/journal.js';
import { RetainedLog } from './retained-log.js';

export interface ReplicaOptions {
  readonly name: string;
  /** Names the log; another one when its journal was lost. @default a new one */
  readonly log?: string;
  readonly journal: Journal;
  readonly scheduler: SchedulerSettings | undefined;
  /** Of the cluster, in Redis. */
  readonly namespace: string;
}

export interface HeadAddress {
  readonly name: string;
  readonly address: string;
}

export const placeOf = ({ name, address }: HeadAddress): HeadAddress => ({ name, address });

/** As the log lists it. */
export interface KnownHead extends HeadAddress {
  /** Declared gone for ever: nobody waits for it. */
  readonly isForgotten?: boolean;
}

/** Key of the list of heads among the attachments of the scheduler. */
export const HEADS_KEY = 'heads';

export class Replica {
  readonly name: string;
  readonly log: string;
  readonly journal: Journal;
  readonly retained = new RetainedLog();
  readonly settings: SchedulerSettings | undefined;
  readonly namespace: string;
  state: SchedulerState;
  follower: FollowerState;
  #fenced = 0;

  private constructor({ name, log, journal, scheduler, namespace }: ReplicaOptions) {
    this.namespace = namespace;
    this.name = name;
    this.log = log ?? `${name}/${randomUUID()}`;
    this.journal = journal;
    this.settings = scheduler;
    this.state = newSchedulerState(scheduler);
    this.follower = newFollower({ epoch: 0, index: 0 });
  }

  /** Reads the journal. @throws AnantError E_JOURNAL when it cannot be trusted */
  static async open(options: ReplicaOptions): Promise<Replica> {
    const replica = new Replica(options);
    await options.journal.recover((entry) => replay(replica.state, entry, performance.now()));
    const { epoch, journalIndex: index } = replica.state;
    replica.follower = newFollower({ epoch, index });
    replica.retained.reset(epoch, index);
    return replica;
  }

  get position(): HeadPosition {
    const { epoch, journalIndex: index } = this.state;
    return { name: this.name, log: this.log, epoch, index };
  }

  /** Highest epoch that this head keeps outside of Redis. */
  get fenced(): number {
    return this.#fenced;
  }

  /** An epoch became durable outside of Redis. */
  fence(epoch: number): void {
    this.#fenced = Math.max(this.#fenced, epoch);
  }

  /** Heads that the log knows, those included that were declared gone. */
  get heads(): readonly KnownHead[] {
    const bytes = this.state.attachments.get(HEADS_KEY);
    return bytes === undefined ? [] : (JSON.parse(Buffer.from(bytes).toString()) as KnownHead[]);
  }

  /** What the leader of `epoch` decided. @returns whether it follows what is here. @throws AnantError E_JOURNAL */
  take(epoch: number, encoded: readonly Uint8Array[]): 'take' | 'stale' | 'gap' {
    const entries = encoded.map((bytes) => decodeEntry(bytes, 'an entry from the leader'));
    const [first, last] = [entries[0], entries.at(-1)];
    if (first === undefined || last === undefined) return 'take';
    const verdict = offerEntries(this.follower, epoch, first, last);
    if (verdict !== 'take') return verdict;
    entries.forEach((entry, at) => {
      replay(this.state, entry, performance.now());
      this.journal.append(entry);
      this.retained.add(entry, encoded[at]!);
    });
    return verdict;
  }

  /** Begins anew with the state of the leader. @throws AnantError E_JOURNAL */
  async replaceBy(epoch: number, parts: readonly Uint8Array[]): Promise<'take' | 'stale' | 'gap'> {
    const entries = parts.map((bytes) => decodeEntry(bytes, 'a snapshot from the leader'));
    const { epoch: own = 0, index = 0 } = entries[0] ?? {};
    const records = entries.flatMap((entry) => entry.records);
    const verdict = offerSnapshot(this.follower, epoch, { epoch: own, index });
    if (verdict !== 'take') return verdict;
    this.#restore({ epoch: own, index, records });
    await this.journal.replace(own, index, records);
    return verdict;
  }

  /** What this head decided while it led. */
  lead(entry: JournalEntry): void {
    this.journal.append(entry);
    this.retained.add(entry, encodeEntry(entry));
  }

  /** After it led: the same state, as a standby has it. */
  standBy(): void {
    const { epoch, journalIndex: index } = this.state;
    this.#restore({ epoch, index, records: snapshotRecords(this.state) }, 'retained');
    this.follower.position = { epoch, index };
  }

  #restore(entry: JournalEntry, log: 'anew' | 'retained' = 'anew'): void {
    this.state = newSchedulerState(this.settings);
    replay(this.state, entry, performance.now());
    if (log === 'anew') this.retained.reset(entry.epoch, entry.index);
  }
}
