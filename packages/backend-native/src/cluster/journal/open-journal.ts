/** The journal for a level. */
import type { Journal, JournalLevel } from './journal.js';
import { MemoryJournal } from './memory-journal.js';

export interface OpenJournalOptions {
  readonly level: JournalLevel;
  /** Folder of the file; `memory` needs none. */
  readonly path?: string;
}

/** @throws AnantError E_JOURNAL; TypeError when a level other than `memory` has no folder. */
export async function openJournal({ level, path }: OpenJournalOptions): Promise<Journal> {
  if (level === 'memory') return new MemoryJournal();
  if (path === undefined) throw new TypeError(`A journal of level "${level}" needs a folder.`);
  // Only heads that keep a file load lmdb.
  const { LmdbJournal } = await import('./lmdb-journal.js');
  return LmdbJournal.open({ path, level });
}
