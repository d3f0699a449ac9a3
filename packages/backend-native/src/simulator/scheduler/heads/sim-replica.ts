/** A simulated head's copy of the log, through all its roles. What is on its machine outlives its process. */
import { decodeEntry, encodeEntry } from '../../../cluster/journal/entry-codec.js';
import { RetainedLog } from '../../../cluster/replication/retained-log.js';
import {
  type FollowerState,
  type HeadPosition,
  newFollower,
  offerEntries,
  offerSnapshot,
} from '../../../protocol/replication/index.js';
import {
  type JournalEntry,
  newSchedulerState,
  replay,
  type SchedulerSettings,
  type SchedulerState,
  snapshotRecords,
} from '../../../protocol/scheduler/index.js';
import type { SimDisk } from '../../sim-disk.js';
import type { SimWorld } from '../../sim-world.js';
import { HeadJournal } from '../head-journal.js';
import type { Mutation } from '../mutation.js';

/** What a head's machine keeps. */
export interface HeadMachine {
  readonly disk: SimDisk;
  /** Names the log; another one when the disk was lost. */
  readonly log: string;
  /** For the oracle: epoch of every entry of the log, by index. */
  epochs: number[];
  /** Highest epoch this head knows to be given out. */
  fenced: number;
}

export interface SimReplicaOptions {
  readonly world: SimWorld;
  readonly node: number;
  readonly name: string;
  readonly machine: HeadMachine;
  readonly settings: SchedulerSettings;
  readonly mutation: Mutation | undefined;
  readonly syncMs: () => number;
}

export class SimReplica {
  readonly name: string;
  readonly machine: HeadMachine;
  readonly journal: HeadJournal;
  readonly retained = new RetainedLog();
  state: SchedulerState;
  follower: FollowerState;
  onDurable: (index: number) => void = () => {};
  onState: (state: 'writable' | 'read-only', reason: string) => void = () => {};
  readonly #options: SimReplicaOptions;

  /** Reads its journal. @throws AnantError E_JOURNAL when it cannot be trusted */
  constructor(options: SimReplicaOptions) {
    const { world, node, machine, syncMs, settings } = options;
    this.#options = options;
    this.name = options.name;
    this.machine = machine;
    this.journal = new HeadJournal({
      world,
      node,
      disk: machine.disk,
      syncMs,
      onDurable: (index) => this.onDurable(index),
      onState: (state, reason) => this.onState(state, reason),
    });
    this.state = newSchedulerState(settings);
    this.journal.recover((entry) => replay(this.state, entry, this.#nowMs));
    const { epoch, index } = this.position;
    machine.epochs.length = index + 1;
    this.follower = newFollower({ epoch, index });
    this.follower.promised = Math.max(epoch, machine.fenced);
    this.retained.reset(epoch, index);
  }

  get position(): HeadPosition {
    const { epoch, journalIndex: index } = this.state;
    return { name: this.name, log: this.machine.log, epoch, index };
  }

  get #nowMs(): number {
    return this.#options.world.localMs(this.#options.node);
  }

  /** What the leader of `epoch` decided. */
  take(epoch: number, encoded: readonly Uint8Array[]): 'take' | 'stale' | 'gap' {
    const entries = encoded.map((bytes) => decodeEntry(bytes, 'an entry from the leader'));
    const verdict = offerEntries(this.follower, epoch, entries[0]!, entries.at(-1)!);
    if (verdict !== 'take') return verdict;
    for (const [at, entry] of entries.entries()) {
      replay(this.state, entry, this.#nowMs);
      this.#append(entry, encoded[at]!);
    }
    return verdict;
  }

  /** Begins anew with the state of the leader. @throws SimDiskError when it cannot be written */
  replaceBy(epoch: number, bytes: Uint8Array, epochs: readonly number[]): 'take' | 'stale' | 'gap' {
    const entry = decodeEntry(bytes, 'a snapshot from the leader');
    const verdict = offerSnapshot(this.follower, epoch, { epoch: entry.epoch, index: entry.index });
    if (verdict !== 'take') return verdict;
    this.journal.replace(entry.epoch, entry.index, entry.records);
    this.machine.epochs = epochs.slice(0, entry.index + 1);
    this.#restore(entry);
    this.retained.reset(entry.epoch, entry.index);
    return verdict;
  }

  /** What this head decided while it led. */
  lead(entry: JournalEntry): void {
    this.#append(entry, encodeEntry(entry));
  }

  /** After it led: the same state, as a standby has it. */
  standBy(): void {
    const { epoch, journalIndex: index } = this.state;
    this.#restore({ epoch, index, records: snapshotRecords(this.state) });
    this.follower.position = { epoch, index };
  }

  #append(entry: JournalEntry, bytes: Uint8Array): void {
    this.machine.epochs[entry.index] = entry.epoch;
    this.journal.append(entry);
    this.retained.add(entry, bytes);
  }

  #restore(entry: JournalEntry): void {
    this.state = newSchedulerState(this.#options.settings);
    replay(this.state, entry, this.#nowMs);
  }
}
