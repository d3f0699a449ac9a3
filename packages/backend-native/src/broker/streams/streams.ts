/** The streams of one broker, both ends: who serves which subject, and signs of life for all that are open. */
import { randomUUID } from 'node:crypto';
import { AnantError, type Clock } from '@anant/core';
import { type Frame, NO_BYTES } from '../frame.js';
import { PING_MS, STREAMS_MAX, TIMEOUT_MS, WINDOW_CHUNKS } from '../limits.js';
import type { Transport } from '../transport.js';
import { toErrorText } from '../wire-error.js';
import { StreamConsumer } from './stream-consumer.js';
import { StreamProducer } from './stream-producer.js';

export interface StreamOptions {
  /** Longest wait for the first sign of the other end. @default 30,000 */
  readonly timeoutMs?: number;
  /** Chunks of 256 KiB that the sender may be ahead. @default 16 */
  readonly windowChunks?: number;
  /** Aborting it ends the stream with its reason. */
  readonly signal?: AbortSignal;
}

export interface StreamContext {
  readonly from: string;
  /** Aborted when the reader is gone. */
  readonly signal: AbortSignal;
}

export type StreamHandler = (opening: Uint8Array, context: StreamContext) => AsyncIterable<Uint8Array>;

interface End {
  receive(frame: Frame): void;
  ping(): void;
  fail(error: Error): void;
}

export class Streams {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #handlers = new Map<string, StreamHandler>();
  readonly #ends = new Map<string, End>();
  #cancelPing: (() => void) | undefined;

  constructor(transport: Transport, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  get openCount(): number {
    return this.#ends.size;
  }

  async *read(
    subject: string,
    opening: Uint8Array,
    options: StreamOptions,
  ): AsyncGenerator<Uint8Array, void> {
    this.#checkRoom();
    const { timeoutMs: openTimeoutMs = TIMEOUT_MS, windowChunks = WINDOW_CHUNKS, signal } = options;
    signal?.throwIfAborted();
    const id = randomUUID();
    const stop = () => consumer.fail(signal?.reason as Error);
    const onClosed = () => {
      signal?.removeEventListener('abort', stop);
      this.#remove(`read ${id}`);
    };
    const consumer = new StreamConsumer(this.#transport, this.#clock, {
      id,
      subject,
      windowChunks,
      openTimeoutMs,
      onClosed,
    });
    signal?.addEventListener('abort', stop, { once: true });
    this.#add(`read ${id}`, consumer);
    yield* consumer.items(opening);
  }

  serve(subject: string, handler: StreamHandler): void {
    if (this.#handlers.has(subject)) throw new TypeError(`"${subject}" is served already.`);
    this.#handlers.set(subject, handler);
  }

  unserve(subject: string): void {
    this.#handlers.delete(subject);
  }

  async open(frame: Frame): Promise<void> {
    const handler = this.#handlers.get(frame.name);
    const key = `send ${frame.id}`;
    try {
      if (!handler) throw new AnantError('E_BACKEND_UNAVAILABLE', `"${frame.name}" is served no more.`);
      if (this.#ends.has(key)) return;
      this.#checkRoom();
    } catch (error) {
      const { endpoint: from } = this.#transport;
      const text = toErrorText(error);
      const answer = { to: 'endpoint', name: frame.from, from, kind: 'error', id: frame.id } as const;
      await this.#transport.post({ ...answer, number: 0, text, payload: NO_BYTES });
      return;
    }
    const producer = new StreamProducer(this.#transport, this.#clock, frame);
    this.#add(key, {
      receive: (one) => producer.receive(one),
      ping: () => producer.ping(),
      fail: (error) => producer.abort(error),
    });
    try {
      await producer.run(handler(frame.payload, { from: frame.from, signal: producer.signal }));
    } finally {
      this.#remove(key);
    }
  }

  /** A frame between the two ends of a stream. */
  receive(frame: Frame): void {
    const isForSender = frame.kind === 'credit' || frame.kind === 'cancel';
    if (frame.kind === 'ping') {
      this.#ends.get(`send ${frame.id}`)?.receive(frame);
      this.#ends.get(`read ${frame.id}`)?.receive(frame);
    } else this.#ends.get(`${isForSender ? 'send' : 'read'} ${frame.id}`)?.receive(frame);
  }

  abort(error: Error): void {
    for (const end of [...this.#ends.values()]) end.fail(error);
    this.#handlers.clear();
    this.#cancelPing?.();
    this.#cancelPing = undefined;
  }

  #add(key: string, end: End): void {
    this.#ends.set(key, end);
    if (!this.#cancelPing) this.#arm();
  }

  #remove(key: string): void {
    this.#ends.delete(key);
    if (this.#ends.size > 0) return;
    this.#cancelPing?.();
    this.#cancelPing = undefined;
  }

  #arm(): void {
    this.#cancelPing = this.#clock.schedule(PING_MS, () => {
      for (const end of [...this.#ends.values()]) end.ping();
      if (this.#ends.size > 0) this.#arm();
    });
  }

  #checkRoom(): void {
    if (this.#ends.size >= STREAMS_MAX)
      throw new AnantError('E_QUEUE_FULL', `${STREAMS_MAX} streams are open.`, { retryable: true });
  }
}
