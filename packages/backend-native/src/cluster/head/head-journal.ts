/** What a head keeps beyond its own life: it reads its journal before it leads, and writes to it as it decides. */
import {
  type JournalEntry,
  replay,
  type SchedulerEvent,
  type SchedulerState,
  snapshotRecords,
} from '../../protocol/scheduler/index.js';
import type { Journal, JournalLevel } from '../journal/journal.js';
import type { Replicator } from '../replication/replicator.js';

/** Entries after which the journal is replaced by a snapshot. */
const COMPACT_ENTRIES = 50_000;
/** With more open tasks a snapshot would hold up the head for long: the journal grows until they are fewer. */
const COMPACT_TASKS_MAX = 100_000;

export class HeadJournal {
  readonly #journal: Journal;
  /** Where standbys follow: then entries count when they have them, too. */
  readonly #replicator: Replicator | undefined;
  #isCompacting = false;

  constructor(journal: Journal, replicator: Replicator | undefined) {
    this.#journal = journal;
    this.#replicator = replicator;
  }

  get level(): JournalLevel {
    return this.#journal.status().level;
  }

  /** @throws AnantError E_JOURNAL when it cannot be trusted; then the head must not lead. */
  async recover(state: SchedulerState, nowMs: number): Promise<void> {
    await this.#journal.recover((entry) => replay(state, entry, nowMs));
  }

  listen(dispatch: (event: SchedulerEvent) => void): void {
    this.#journal.listen({
      onDurable: (index) =>
        this.#replicator ? this.#replicator.durable(index) : dispatch({ type: 'journaled', index }),
      onState: (state, reason) => dispatch({ type: 'journal-state', state, reason }),
    });
  }

  append(entry: JournalEntry): void {
    if (this.#replicator) this.#replicator.append(entry);
    else this.#journal.append(entry);
  }

  /** Between two steps: makes the journal short when it is long and the state is small. */
  tidy(state: SchedulerState): void {
    if (this.#isCompacting || state.tasks.size > COMPACT_TASKS_MAX) return;
    if (this.#journal.status().entries < COMPACT_ENTRIES) return;
    this.#isCompacting = true;
    void this.#journal.compact(state.epoch, state.journalIndex, snapshotRecords(state)).finally(() => {
      this.#isCompacting = false;
    });
  }

  /** A journal that standbys follow outlives the time this head leads. */
  async close(): Promise<void> {
    if (this.#replicator) this.#replicator.close();
    else await this.#journal.close();
  }
}
