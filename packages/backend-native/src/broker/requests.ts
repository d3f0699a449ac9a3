/** Requests of one broker that wait for answers, and those it answers. */
import { randomUUID } from 'node:crypto';
import { AnantError, type Clock } from '@anant/core';
import { type Frame, NO_BYTES } from './frame.js';
import { HANDLERS_MAX, REQUESTS_MAX, TIMEOUT_MS } from './limits.js';
import type { Transport } from './transport.js';
import { fromErrorText, toErrorText } from './wire-error.js';

export interface RequestOptions {
  /** @default 30,000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RequestContext {
  readonly from: string;
  /** Aborted when the caller has given up. */
  readonly signal: AbortSignal;
}

export type RequestHandler = (
  payload: Uint8Array,
  context: RequestContext,
) => Uint8Array | Promise<Uint8Array>;

interface Pending {
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

export class Requests {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #pending = new Map<string, Pending>();
  readonly #handlers = new Map<string, RequestHandler>();
  #running = 0;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  get openCount(): number {
    return this.#pending.size + this.#running;
  }

  /** @returns what the handler answered. @throws AnantError the handler's, `E_TIMEOUT`, `E_QUEUE_FULL`, or the transport's. */
  ask(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    if (this.#pending.size >= REQUESTS_MAX) {
      const message = `${REQUESTS_MAX} requests wait for answers.`;
      return Promise.reject(new AnantError('E_QUEUE_FULL', message, { retryable: true }));
    }
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const settle = () => {
        cancel();
        signal?.removeEventListener('abort', giveUp);
        this.#pending.delete(id);
      };
      const fail = (error: unknown) => {
        settle();
        reject(error);
      };
      const giveUp = () => fail(signal?.reason);
      const cancel = this.#clock.schedule(timeoutMs, () =>
        fail(
          new AnantError('E_TIMEOUT', `No answer for "${subject}" within ${timeoutMs} ms; it may have run.`),
        ),
      );
      this.#pending.set(id, {
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: fail,
      });
      signal?.addEventListener('abort', giveUp, { once: true });
      if (signal?.aborted) return giveUp();
      this.#post({ to: 'one', name: subject, kind: 'request', id, number: timeoutMs, payload }).catch(fail);
    });
  }

  serve(subject: string, handler: RequestHandler): void {
    if (this.#handlers.has(subject)) throw new TypeError(`"${subject}" is served already.`);
    this.#handlers.set(subject, handler);
  }

  unserve(subject: string): void {
    this.#handlers.delete(subject);
  }

  /** An answer, or an error that came instead. */
  settle(frame: Frame): 'known' | 'unknown' {
    const pending = this.#pending.get(frame.id);
    if (!pending) return 'unknown';
    if (frame.kind === 'answer') pending.resolve(frame.payload);
    else pending.reject(fromErrorText(frame.text));
    return 'known';
  }

  async handle(frame: Frame): Promise<void> {
    const answer = { to: 'endpoint', name: frame.from, id: frame.id, number: 0 } as const;
    const handler = this.#handlers.get(frame.name);
    if (!handler || this.#running >= HANDLERS_MAX) {
      const text = handler
        ? `E_QUEUE_FULL ${HANDLERS_MAX} handlers run already.`
        : `E_BACKEND_UNAVAILABLE "${frame.name}" is served no more.`;
      await this.#post({ ...answer, kind: 'error', text, payload: NO_BYTES });
      return;
    }
    this.#running += 1;
    const abort = new AbortController();
    const cancel = this.#clock.schedule(frame.number, () =>
      abort.abort(new AnantError('E_TIMEOUT', 'The caller has given up.')),
    );
    try {
      const payload = await handler(frame.payload, { from: frame.from, signal: abort.signal });
      await this.#post({ ...answer, kind: 'answer', payload });
    } catch (error) {
      await this.#post({ ...answer, kind: 'error', text: toErrorText(error), payload: NO_BYTES });
    } finally {
      cancel();
      this.#running -= 1;
    }
  }

  /** Ends everything that waits. */
  abort(error: Error): void {
    for (const pending of [...this.#pending.values()]) pending.reject(error);
    this.#handlers.clear();
  }

  #post(frame: Omit<Frame, 'from' | 'text'> & { readonly text?: string }): Promise<void> {
    return this.#transport.post({ text: '', ...frame, from: this.#transport.endpoint });
  }
}
