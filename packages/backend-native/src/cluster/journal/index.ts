/** The durable journal of the cluster's head. */
export { decodeEntry, encodeEntry } from './entry-codec.js';
export type { Journal, JournalLevel, JournalListener, JournalStatus } from './journal.js';
export { MemoryJournal } from './memory-journal.js';
export type { OpenJournalOptions } from './open-journal.js';
export { openJournal } from './open-journal.js';
