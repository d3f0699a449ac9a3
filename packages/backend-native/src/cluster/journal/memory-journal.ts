/** A journal that forgets everything with the process: durable at once, and empty. */
import type { JournalEntry } from '../../protocol/scheduler/index.js';
import type { Journal, JournalListener, JournalStatus } from './journal.js';

export class MemoryJournal implements Journal {
  #listener: JournalListener | undefined;
  #index = 0;

  async recover(): Promise<void> {}

  listen(listener: JournalListener): void {
    this.#listener = listener;
  }

  append(entry: JournalEntry): void {
    this.#index = entry.index;
    this.#listener?.onDurable(entry.index);
  }

  async compact(): Promise<void> {}

  async replace(_epoch: number, index: number): Promise<void> {
    this.#index = index;
    this.#listener?.onDurable(index);
  }

  status(): JournalStatus {
    return { level: 'memory', state: 'writable', reason: '', entries: 0, pending: 0, index: this.#index };
  }

  async close(): Promise<void> {}
}
