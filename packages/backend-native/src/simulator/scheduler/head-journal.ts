/** A head's journal in the simulator: entries wait for a sync that takes its time, and for as long as the disk fails. */
import {
  type JournalEntry,
  type JournalRecord,
  type SchedulerState,
  snapshotRecords,
} from '../../protocol/scheduler/index.js';
import { type SimDisk, SimDiskError } from '../sim-disk.js';
import type { SimWorld } from '../sim-world.js';
import { DiskJournal } from './disk-journal.js';

export interface HeadJournalOptions {
  readonly world: SimWorld;
  readonly node: number;
  readonly disk: SimDisk;
  /** How long the disk takes for a sync. */
  readonly syncMs: () => number;
  /** Everything up to the index is durable. */
  readonly onDurable: (index: number) => void;
  readonly onState: (state: 'writable' | 'read-only', reason: string) => void;
}

/** Entries after which the journal is compacted: small, so that runs meet it. */
const COMPACT_ENTRIES = 120;
const RETRY_MS = 250;

export class HeadJournal {
  readonly #options: HeadJournalOptions;
  readonly #journal: DiskJournal;
  #isSyncing = false;
  #isReadOnly = false;
  #entries = 0;
  /** Index of the last durable entry. */
  durable = 0;

  constructor(options: HeadJournalOptions) {
    this.#options = options;
    this.#journal = new DiskJournal(options.disk);
  }

  get pending(): number {
    return this.#journal.pending;
  }

  /** @throws AnantError E_JOURNAL when the disk cannot be trusted. */
  recover(apply: (entry: JournalEntry) => void): void {
    this.#journal.recover((entry) => {
      this.durable = entry.index;
      apply(entry);
    });
  }

  append(entry: JournalEntry): void {
    this.#journal.append(entry);
    this.#schedule(this.#options.syncMs());
  }

  /** Begins anew with what another head knows. @throws SimDiskError; then what was there goes on. */
  replace(epoch: number, index: number, records: readonly JournalRecord[]): void {
    this.#journal.compact(epoch, index, records);
    this.#journal.forget();
    this.#entries = 0;
    this.durable = index;
  }

  /** Makes the journal short when it is long and nothing waits. */
  tidy(state: SchedulerState): void {
    if (this.#entries < COMPACT_ENTRIES || this.pending > 0) return;
    try {
      this.#journal.compact(state.epoch, state.journalIndex, snapshotRecords(state));
      this.#entries = 0;
    } catch (error) {
      if (!(error instanceof SimDiskError)) throw error;
    }
  }

  #schedule(delayMs: number): void {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    const { world, node } = this.#options;
    world.setTimer(node, delayMs, () => this.#sync());
  }

  #sync(): void {
    this.#isSyncing = false;
    const appended = this.pending;
    if (appended === 0) return;
    const { onState, onDurable } = this.#options;
    let index: number;
    try {
      index = this.#journal.sync();
    } catch (error) {
      if (!(error instanceof SimDiskError)) throw error;
      if (!this.#isReadOnly) onState('read-only', error.message);
      this.#isReadOnly = true;
      this.#schedule(RETRY_MS);
      return;
    }
    this.#entries += appended;
    this.durable = index;
    if (this.#isReadOnly) onState('writable', '');
    this.#isReadOnly = false;
    onDurable(index);
  }
}
