/** Sends tasks to the head in batches, and keeps each until the head has acknowledged it: a broken connection loses none. */
import { Flusher } from '../control/flusher.js';
import { SUBMIT_BYTES_MAX, SUBMIT_TASKS_MAX } from '../limits.js';
import type { SubmitBatch } from '../proto/anant/v1/scheduler.js';
import type { OpenAttempt } from './open-attempt.js';
import type { TemplateBook } from './template-book.js';

export class Submitter {
  readonly #templates: TemplateBook;
  readonly #send: (batch: SubmitBatch, bytes: number) => void;
  readonly #flusher = new Flusher(() => this.#flush());
  #waiting: OpenAttempt[] = [];
  /** Sent on this connection, the oldest first from `#acknowledgedIndex`. */
  #sent: OpenAttempt[] = [];
  #sentIndex = 0;
  /** Of this connection. */
  #acknowledged = 0;
  #isConnected = false;

  constructor(templates: TemplateBook, send: (batch: SubmitBatch, bytes: number) => void) {
    this.#templates = templates;
    this.#send = send;
  }

  push(open: OpenAttempt): void {
    this.#waiting.push(open);
    this.#flusher.wake();
  }

  /** Sends what waits now: a request about it must not overtake it. */
  flush(): void {
    this.#flusher.flush();
  }

  /** The first `count` tasks of this connection are held by the head. @returns how many of them are news */
  acknowledged(count: number): number {
    const before = this.#acknowledged;
    for (; this.#acknowledged < count && this.#sentIndex < this.#sent.length; this.#acknowledged++) {
      this.#sent[this.#sentIndex]!.entry = undefined;
      this.#sentIndex += 1;
    }
    if (this.#sentIndex * 2 >= this.#sent.length) {
      this.#sent = this.#sent.slice(this.#sentIndex);
      this.#sentIndex = 0;
    }
    return this.#acknowledged - before;
  }

  /** The connection is there: sends what it brought nowhere. */
  connected(): void {
    this.#isConnected = true;
    this.#templates.resend();
    this.#flush();
  }

  /** The connection is gone: what was not acknowledged waits again. */
  disconnected(): void {
    this.#isConnected = false;
    this.#waiting = [...this.#sent.slice(this.#sentIndex), ...this.#waiting];
    this.#sent = [];
    this.#sentIndex = 0;
    this.#acknowledged = 0;
  }

  #flush(): number {
    if (!this.#isConnected || this.#waiting.length === 0) return 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    let batch: SubmitBatch = { templates: this.#templates.takeUnsent(), tasks: [] };
    let bytes = 0;
    for (const open of waiting) {
      const { entry, attempt } = open;
      if (entry === undefined || attempt.state === 'ended') continue;
      batch.tasks.push(entry);
      bytes += entry.payload.byteLength + 64;
      this.#sent.push(open);
      if (batch.tasks.length < SUBMIT_TASKS_MAX && bytes < SUBMIT_BYTES_MAX) continue;
      this.#send(batch, bytes);
      batch = { templates: [], tasks: [] };
      bytes = 0;
    }
    if (batch.tasks.length > 0 || batch.templates.length > 0) this.#send(batch, bytes);
    return waiting.length;
  }
}
