/** Brokers that meet in Redis or a Redis Cluster; there is no hub besides. */
import { randomUUID } from 'node:crypto';
import { AnantError, type Clock, systemClock } from '@anant/core';
import { OPERATION_WINDOW_MS } from '../../cluster/redis/limits.js';
import { RedisChannels } from '../../cluster/redis/redis-channels.js';
import type { RedisOptions } from '../../cluster/redis/redis-client.js';
import { RedisLink } from '../../cluster/redis/redis-link.js';
import { newRoutingId } from '../../cluster/security/peer-bindings.js';
import { decodeFrame, encodeFrame, type Frame } from '../frame.js';
import { CONNECT_MS_MAX, TIMEOUT_MS } from '../limits.js';
import type { Membership, Transport, TransportEvents } from '../transport.js';
import { FINISH, POST, READ, TAKE, TELL } from './broker-scripts.js';
import { type Entry, StreamReader } from './stream-reader.js';

export interface RedisTransportOptions extends RedisOptions {
  /** Apart from others on the same Redis. @default 'anant' */
  readonly namespace?: string;
  /** After this long, work that another broker took and did not finish is taken from it. @default 30,000 */
  readonly idleMs?: number;
  readonly clock?: Clock;
}

/** Frames a stream keeps, about; older ones are dropped. */
const STREAM_FRAMES_MAX = 10_000;
/** Work of one subject that was taken and is not finished; no more is taken before some is. */
const UNFINISHED_MAX = 256;
/** A stream that nobody wrote to for this long is removed. */
const STREAM_LIFE_MS = 24 * 60 * 60_000;
const READ_FRAMES_MAX = 64;
const IDLE_MS = 30_000;
const GROUP = 'brokers';

export class RedisTransport implements Transport {
  readonly name = 'redis';
  readonly endpoint = newRoutingId();
  readonly #options: RedisTransportOptions;
  readonly #clock: Clock;
  readonly #prefix: string;
  readonly #readers = new Map<string, StreamReader>();
  #link!: RedisLink;
  #channels!: RedisChannels;
  #events!: TransportEvents;
  /** When work was taken, by subject and id. */
  readonly #unfinished = new Map<string, Map<string, number>>();
  #last = '0-0';
  /** Frames go out one after the other, so that they arrive in order. */
  #posting: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: RedisTransportOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#prefix = `anant:{${options.namespace ?? 'anant'}/broker/`;
  }

  async open(events: TransportEvents): Promise<void> {
    this.#events = events;
    this.#link = await RedisLink.open(this.#options);
    this.#channels = await RedisChannels.open(this.#options);
    const key = this.#key('to', this.endpoint);
    try {
      await this.#listen(
        key,
        () => this.#readOwn(key),
        (entry) => this.#take(entry),
      );
    } catch (cause) {
      await this.close();
      const message = `Redis at ${this.#options.urls.join(', ')} did not answer in time.`;
      throw new AnantError('E_BACKEND_UNAVAILABLE', message, { cause, retryable: true });
    }
  }

  post(frame: Frame): Promise<void> {
    const posted = this.#posting.then(() => this.#send(frame));
    this.#posting = posted.catch(() => {});
    return posted;
  }

  async join(membership: Membership, subject: string): Promise<void> {
    const key = this.#key(membership, subject);
    if (membership === 'all') {
      await this.#channels.subscribe(key, (bytes) => this.#events.onReceived({ frame: decodeFrame(bytes) }));
      return;
    }
    this.#unfinished.set(key, new Map());
    await this.#listen(
      key,
      () => this.#readShared(key),
      (entry) => this.#takeShared(key, entry),
    );
  }

  async leave(membership: Membership, subject: string): Promise<void> {
    const key = this.#key(membership, subject);
    this.#readers.get(key)?.close();
    this.#readers.delete(key);
    this.#unfinished.delete(key);
    this.#channels.unsubscribe(key);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const reader of this.#readers.values()) reader.close();
    const limit = new Promise<void>((resolve) => this.#clock.schedule(CONNECT_MS_MAX / 10, resolve));
    await Promise.race([this.#posting, limit]);
    this.#channels.close();
    this.#link.close();
  }

  async #send(frame: Frame): Promise<void> {
    if (this.#isClosed) throw new AnantError('E_BACKEND_CLOSED', 'The broker is closed.');
    const bytes = encodeFrame(frame);
    const operation = randomUUID();
    const options = { timeoutMs: TIMEOUT_MS };
    if (frame.to === 'all') {
      const keys = [`${this.#prefix}operation/${operation}}`];
      await this.#link.run(TELL, keys, [this.#key('all', frame.name), bytes, OPERATION_WINDOW_MS], options);
      return;
    }
    const key = this.#key(frame.to === 'one' ? 'one' : 'to', frame.name);
    const args = [bytes, STREAM_FRAMES_MAX, OPERATION_WINDOW_MS, STREAM_LIFE_MS];
    await this.#link.run(POST, [key, `${key}:operation:${operation}`], args, options);
  }

  /** Listens for the ring first: what is posted from then on is not missed. */
  async #listen(
    key: string,
    read: () => Promise<readonly (readonly Buffer[])[]>,
    onEntry: (entry: Entry) => void,
  ): Promise<void> {
    await this.#channels.subscribe(key, () => this.#readers.get(key)?.ring());
    // A reading that fails is repeated: readings hand out the same entries again.
    this.#readers.set(key, new StreamReader(this.#clock, read, onEntry, () => {}));
  }

  async #readShared(key: string): Promise<readonly (readonly Buffer[])[]> {
    const idleMs = this.#options.idleMs ?? IDLE_MS;
    const unfinished = this.#unfinished.get(key) ?? new Map<string, number>();
    // By then others take it over, and it may be finished elsewhere.
    for (const [id, takenMs] of unfinished)
      if (this.#clock.nowMs() - takenMs > 2 * idleMs) unfinished.delete(id);
    const room = Math.min(READ_FRAMES_MAX, UNFINISHED_MAX - unfinished.size);
    return room > 0 ? await this.#entries(TAKE, key, [GROUP, this.endpoint, room, idleMs]) : [];
  }

  #readOwn(key: string): Promise<readonly (readonly Buffer[])[]> {
    return this.#entries(READ, key, [this.#last, READ_FRAMES_MAX]);
  }

  async #entries(
    script: typeof READ,
    key: string,
    args: readonly (string | number)[],
  ): Promise<readonly (readonly Buffer[])[]> {
    const reply = await this.#link.run(script, [key], args, { timeoutMs: TIMEOUT_MS, reply: 'bytes' });
    return reply as readonly (readonly Buffer[])[];
  }

  #take({ id, frame }: Entry): void {
    this.#last = id;
    this.#events.onReceived({ frame });
  }

  #takeShared(key: string, { id, frame, ageMs }: Entry): void {
    const unfinished = this.#unfinished.get(key);
    unfinished?.set(id, this.#clock.nowMs());
    const acknowledge = () => {
      if (unfinished?.delete(id) && unfinished.size === UNFINISHED_MAX - 1) this.#readers.get(key)?.ring();
      this.#link.run(FINISH, [key], [GROUP, id], { timeoutMs: TIMEOUT_MS }).catch(() => {});
    };
    // What its sender has given up on is not begun.
    const lifeMs = frame.kind === 'request' ? frame.number : TIMEOUT_MS;
    if (frame.kind !== 'work' && ageMs > lifeMs) acknowledge();
    else this.#events.onReceived({ frame, acknowledge });
  }

  #key(kind: 'to' | 'one' | 'all', name: string): string {
    return `${this.#prefix}${kind}/${name}}`;
  }
}
