/** The thread that writes the journal: what comes while it syncs is written together with the next sync. */
import { parentPort, workerData } from 'node:worker_threads';
import type { JournalLevel } from './journal.js';
import type { EncodedEntry, JournalReply, JournalRequest } from './journal-messages.js';
import { JournalStore } from './store.js';

/** How long to wait before trying again after a write failed. */
const RETRY_MS = 250;

const { path, level } = workerData as { path: string; level: JournalLevel };
const port = parentPort!;
const say = (reply: JournalReply) => port.postMessage(reply);

class JournalThread {
  readonly #store: JournalStore;
  #pending: EncodedEntry[] = [];
  #isWriting = false;
  #isReadOnly = false;

  constructor(store: JournalStore) {
    this.#store = store;
  }

  async handle(request: JournalRequest): Promise<void> {
    if (request.type === 'read') this.#read();
    else if (request.type === 'append') {
      this.#pending.push(...request.entries);
      // While it is read-only the next try is due already, once the file is open again.
      if (!this.#isReadOnly) this.#schedule(0);
    } else if (request.type === 'compact') this.#compact(request);
    else {
      if (!this.#isReadOnly) this.#write();
      await this.#store.close();
      say({ type: 'closed' });
      port.close();
    }
  }

  #read(): void {
    for (const { where, bytes } of this.#store.read()) say({ type: 'entry', where, bytes });
    say({ type: 'read-done' });
  }

  #schedule(delayMs: number): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    const write = () => {
      this.#isWriting = false;
      this.#write();
    };
    // After the messages that wait at the port: they share the sync.
    if (delayMs === 0) setImmediate(write);
    else setTimeout(write, delayMs);
  }

  #write(): void {
    if (this.#pending.length === 0) return;
    const entries = this.#pending;
    try {
      this.#store.append(entries);
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#pending = [];
    if (this.#isReadOnly) {
      this.#isReadOnly = false;
      say({ type: 'state', state: 'writable', reason: '' });
    }
    say({ type: 'durable', index: entries.at(-1)!.index });
  }

  /** A failed sync proves nothing, and a second one neither: the file is opened anew and everything written again. */
  #failed(error: unknown): void {
    if (!this.#isReadOnly) {
      this.#isReadOnly = true;
      say({ type: 'state', state: 'read-only', reason: this.#store.explain(error) });
    }
    this.#store.reopen().then(
      () => this.#schedule(RETRY_MS),
      () => this.#schedule(RETRY_MS),
    );
  }

  #compact({ index, parts, scope }: Extract<JournalRequest, { type: 'compact' }>): void {
    try {
      // What waits is older than the snapshot that replaces everything.
      if (scope === 'all') this.#pending = [];
      const generation = this.#store.beginSnapshot();
      parts.forEach((bytes, part) => {
        this.#store.addPart(generation, part, bytes);
      });
      this.#store.commitSnapshot(generation, index, scope);
      say({ type: 'compacted', reason: '' });
    } catch (error) {
      say({ type: 'compacted', reason: this.#store.explain(error) });
    }
  }
}

try {
  const thread = new JournalThread(new JournalStore(path, level));
  port.on('message', (request: JournalRequest) => {
    void thread.handle(request);
  });
  say({ type: 'opened' });
} catch (error) {
  say({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  port.close();
}
