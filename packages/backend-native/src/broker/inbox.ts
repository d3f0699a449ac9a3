/** What waits for one subscriber: handled one after the other, in order; at its bound the oldest is dropped. */
import { SUBSCRIPTION_MESSAGES_MAX } from './limits.js';
import type { Received } from './transport.js';

export interface Message {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Endpoint of the sender. */
  readonly from: string;
}

/** A handler that throws leaves work unacknowledged: where work is kept, it comes again. */
export type MessageHandler = (message: Message) => void | Promise<void>;

export class Inbox {
  readonly #subject: string;
  readonly #handler: MessageHandler;
  readonly #onProblem: (error: unknown) => void;
  readonly #waiting: Received[] = [];
  #isRunning = false;
  #isClosed = false;
  #dropped = 0;

  constructor(subject: string, handler: MessageHandler, onProblem: (error: unknown) => void) {
    this.#subject = subject;
    this.#handler = handler;
    this.#onProblem = onProblem;
  }

  /** Messages dropped because the handler was too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  add(received: Received): void {
    if (this.#isClosed) return;
    // Kept work that does not fit is not lost: it is not acknowledged, and comes again.
    if (this.#waiting.length >= SUBSCRIPTION_MESSAGES_MAX) {
      this.#waiting.shift();
      this.#dropped += 1;
    }
    this.#waiting.push(received);
    if (!this.#isRunning) void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { payload, from } = next.frame;
      try {
        await this.#handler({ subject: this.#subject, payload, from });
        next.acknowledge?.();
      } catch (error) {
        this.#onProblem(error);
      }
    }
    this.#isRunning = false;
  }
}
