/** A journal in an lmdb file, written by a thread of its own, so that no sync ever holds up the head. */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { AnantError } from '@anant/core';
import type { JournalEntry, JournalRecord } from '../../protocol/scheduler/index.js';
import { checkJournal } from './check-journal.js';
import { decodeEntry, encodeEntry, encodeParts } from './entry-codec.js';
import type { Journal, JournalListener, JournalStatus } from './journal.js';
import type { EncodedEntry, JournalReply, JournalRequest } from './journal-messages.js';

const OPEN_MS_MAX = 10_000;
const CLOSE_MS_MAX = 5000;

export interface LmdbJournalOptions {
  /** Folder of the file; made if it is not there. */
  readonly path: string;
  readonly level: 'os' | 'fsync';
}

interface Expected {
  readonly types: readonly string[];
  readonly settle: (reply: JournalReply) => void;
}

export class LmdbJournal implements Journal {
  readonly #options: LmdbJournalOptions;
  readonly #thread: Worker;
  #listener: JournalListener | undefined;
  #waiting: EncodedEntry[] = [];
  #isPostDue = false;
  #entries = 0;
  #appended = 0;
  #durable = 0;
  #state: 'writable' | 'read-only' = 'writable';
  #reason = '';
  /** Who waits for which reply, in the order of the requests: the thread answers them one after the other. */
  #expected: Expected[] = [];
  /** Why nobody answers any more. */
  #end: string | undefined;
  #onEntry: ((where: string, bytes: Uint8Array) => void) | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: LmdbJournalOptions, thread: Worker) {
    this.#options = options;
    this.#thread = thread;
    thread.on('message', (reply: JournalReply) => this.#onReply(reply));
    thread.on('error', (error) => this.#onDeath(error));
  }

  /** @throws AnantError E_JOURNAL when the folder cannot be used, or what is in it cannot be trusted. */
  static async open(options: LmdbJournalOptions): Promise<LmdbJournal> {
    await checkJournal(options.path);
    const program = createRequire(import.meta.url).resolve('@anant/backend-native/journal-thread');
    const thread = new Worker(program, { workerData: options });
    const journal = new LmdbJournal(options, thread);
    const reply = await journal.#next(['opened', 'failed'], OPEN_MS_MAX);
    if (reply.type === 'opened') return journal;
    await thread.terminate();
    const reason = reply.type === 'failed' ? reply.reason : 'it was not opened in time';
    throw new AnantError('E_JOURNAL', `The journal in "${options.path}" cannot be opened: ${reason}`, {
      advice: 'Check that the folder can be written and that no other head uses it.',
    });
  }

  async recover(apply: (entry: JournalEntry) => void): Promise<void> {
    let failure: unknown;
    // The parts of a snapshot have one index, and only together they say what the state is.
    let whole: JournalEntry | undefined;
    this.#onEntry = (where, bytes) => {
      if (failure !== undefined) return;
      try {
        const entry = decodeEntry(bytes, where);
        if (whole?.index === entry.index) whole = { ...whole, records: [...whole.records, ...entry.records] };
        else {
          if (whole !== undefined) apply(whole);
          whole = entry;
        }
        this.#entries += 1;
        this.#durable = entry.index;
      } catch (error) {
        failure = error;
      }
    };
    this.#post({ type: 'read' });
    await this.#next(['read-done'], OPEN_MS_MAX * 6);
    this.#onEntry = undefined;
    this.#appended = this.#durable;
    if (failure !== undefined) throw failure;
    if (whole !== undefined) apply(whole);
  }

  listen(listener: JournalListener): void {
    this.#listener = listener;
  }

  append(entry: JournalEntry): void {
    this.#appended = entry.index;
    this.#waiting.push({ index: entry.index, bytes: encodeEntry(entry) });
    if (this.#isPostDue) return;
    this.#isPostDue = true;
    queueMicrotask(() => this.#flush());
  }

  async compact(epoch: number, index: number, records: readonly JournalRecord[]): Promise<void> {
    const parts = encodeParts(epoch, index, records);
    this.#flush();
    this.#post({ type: 'compact', index, parts, scope: 'until' });
    const reply = await this.#next(['compacted'], OPEN_MS_MAX * 6);
    if (reply.type === 'compacted' && reply.reason === '')
      this.#entries = this.#appended - index + parts.length;
  }

  async replace(epoch: number, index: number, records: readonly JournalRecord[]): Promise<void> {
    const parts = encodeParts(epoch, index, records);
    this.#waiting = [];
    this.#appended = index;
    this.#post({ type: 'compact', index, parts, scope: 'all' });
    const reply = await this.#next(['compacted'], OPEN_MS_MAX * 6);
    const reason = reply.type === 'compacted' || reply.type === 'failed' ? reply.reason : '';
    if (reason !== '') throw new AnantError('E_JOURNAL', `The journal could not be replaced: ${reason}`);
    this.#entries = parts.length;
    this.#durable = index;
    this.#listener?.onDurable(index);
  }

  status(): JournalStatus {
    return {
      level: this.#options.level,
      state: this.#state,
      reason: this.#reason,
      entries: this.#entries,
      pending: this.#appended - this.#durable,
      index: this.#durable,
    };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#flush();
    this.#post({ type: 'close' });
    await this.#next(['closed'], CLOSE_MS_MAX);
    await this.#thread.terminate();
    this.#over('it was closed');
  }

  #flush(): void {
    this.#isPostDue = false;
    if (this.#waiting.length === 0) return;
    const entries = this.#waiting;
    this.#waiting = [];
    this.#post({ type: 'append', entries });
  }

  #post(request: JournalRequest): void {
    this.#thread.postMessage(request);
  }

  #onReply(reply: JournalReply): void {
    if (reply.type === 'entry') this.#onEntry?.(reply.where, reply.bytes);
    else if (reply.type === 'durable') {
      this.#entries += reply.index - this.#durable;
      this.#durable = reply.index;
      this.#listener?.onDurable(reply.index);
    } else if (reply.type === 'state') this.#change(reply.state, reply.reason);
    const at = this.#expected.findIndex(({ types }) => types.includes(reply.type));
    if (at >= 0) this.#expected.splice(at, 1)[0]!.settle(reply);
  }

  #change(state: 'writable' | 'read-only', reason: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#listener?.onState(state, reason);
  }

  #onDeath(error: Error): void {
    const reason = `the thread that writes the journal ended: ${error.message}`;
    this.#change('read-only', `${reason}.`);
    this.#over(reason);
  }

  /** Nobody waits for what will not come. */
  #over(reason: string): void {
    this.#end = reason;
    for (const { settle } of this.#expected.splice(0)) settle({ type: 'failed', reason });
  }

  /**
   * The next reply of one of the types that nobody before waits for, or after the time is up one that says so. Who gave
   * up keeps its place: its reply, when it comes late, is not that of the next one.
   */
  #next(types: readonly string[], durationMs: number): Promise<JournalReply> {
    return new Promise((resolve) => {
      if (this.#end !== undefined) {
        resolve({ type: 'failed', reason: this.#end });
        return;
      }
      const timer = setTimeout(
        () => resolve({ type: 'failed', reason: `it did not answer within ${durationMs} ms` }),
        durationMs,
      );
      const settle = (reply: JournalReply) => {
        clearTimeout(timer);
        resolve(reply);
      };
      this.#expected.push({ types, settle });
    });
  }
}
