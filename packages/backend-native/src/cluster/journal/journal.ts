/** Where a head writes down what it decides, before it tells anyone. */
import type { JournalEntry, JournalRecord } from '../../protocol/scheduler/index.js';

/**
 * What an acknowledged submission survives:
 * - `memory`: nothing but the head's own life.
 * - `os`: the head's death, not that of its machine.
 * - `fsync`: the machine's death too, as far as its disk keeps its word.
 */
export type JournalLevel = 'memory' | 'os' | 'fsync';

export interface JournalListener {
  /** Every entry up to `index` is durable, as far as the level goes. */
  onDurable(index: number): void;
  /** `read-only`: entries wait in memory, in order, until the journal can take them. */
  onState(state: 'writable' | 'read-only', reason: string): void;
}

export interface JournalStatus {
  readonly level: JournalLevel;
  readonly state: 'writable' | 'read-only';
  readonly reason: string;
  /** Entries since the snapshot. */
  readonly entries: number;
  /** Entries appended and not yet durable. */
  readonly pending: number;
  /** Index of the last durable entry. */
  readonly index: number;
}

export interface Journal {
  /**
   * Hands every entry since and with the last snapshot to `apply`, in order. Called once, before anything else.
   * @throws AnantError E_JOURNAL when what was written cannot be read back whole.
   */
  recover(apply: (entry: JournalEntry) => void): Promise<void>;
  /** Begins to tell `listener`, and only it. Called after `recover`. */
  listen(listener: JournalListener): void;
  /** Takes an entry; never waits and never throws. Entries that come while others are written share the next sync. */
  append(entry: JournalEntry): void;
  /** Replaces everything up to `index` by `records`, which say the same; settles when that is durable. */
  compact(epoch: number, index: number, records: readonly JournalRecord[]): Promise<void>;
  /** Replaces all there is by `records`, also what came after `index`; settles when that is durable. @throws AnantError E_JOURNAL */
  replace(epoch: number, index: number, records: readonly JournalRecord[]): Promise<void>;
  status(): JournalStatus;
  /** Writes what waits, within 5 seconds, and lets go of the files. Calling it twice is fine. */
  close(): Promise<void>;
}
