/**
 * Events that outlive their publisher, in Redis streams. Published once per operation id, in one order; each group
 * gets every event at least once: one that was taken and not acknowledged comes again, to whoever asks.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@anant/core';
import { ACKNOWLEDGE, JOIN, PUBLISH, TAKE } from './event-scripts.js';
import { OPERATION_WINDOW_MS, READ_EVENTS_MAX, STREAM_EVENTS_MAX } from './limits.js';
import type { RedisLink } from './redis-link.js';
import { checkBytes, checkKey } from './shared-state.js';

export interface LoggedEvent {
  /** Grows along the stream. */
  readonly id: string;
  readonly event: string;
  /** 1 for the first delivery to this group. */
  readonly deliveries: number;
}

export interface SubscribeOptions {
  readonly group: string;
  readonly consumer: string;
  /** Where a group that does not exist yet begins. @default 'new' */
  readonly from?: 'first' | 'new';
  /** After this long an event that another consumer took is taken from it. @default 30,000 */
  readonly idleMs?: number;
  /** Pause when there is nothing. @default 50 */
  readonly pollMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 5_000;
const IDLE_MS = 30_000;
const POLL_MS = 50;

export class EventLog {
  readonly #link: RedisLink;
  readonly #prefix: string;
  readonly #clock: Clock;

  constructor(link: RedisLink, namespace: string, clock: Clock = systemClock) {
    this.#link = link;
    this.#prefix = `anant:{${namespace}/events/`;
    this.#clock = clock;
  }

  /**
   * @returns the id of the event in its stream; the same one for a repeat of `operation` within ten minutes.
   * @throws AnantError `E_OUTCOME_UNKNOWN`, `E_REDIS_UNREACHABLE`, `E_PAYLOAD_TOO_LARGE`.
   */
  async publish(
    stream: string,
    event: string,
    options: { readonly operation?: string; readonly timeoutMs?: number } = {},
  ): Promise<string> {
    const { operation = randomUUID(), timeoutMs = TIMEOUT_MS } = options;
    checkBytes(`The event for "${stream}"`, event);
    const keys = [this.#key(stream), `${this.#key(stream)}:operation:${operation}`];
    const args = [event, STREAM_EVENTS_MAX, OPERATION_WINDOW_MS];
    return String(await this.#link.run(PUBLISH, keys, args, { timeoutMs }));
  }

  /**
   * Events as they come, until the loop is left or the signal aborts. An event is acknowledged when the next one is
   * asked for; one in whose work the consumer dies comes again. Waits through outages of Redis.
   */
  async *subscribe(stream: string, options: SubscribeOptions): AsyncGenerator<LoggedEvent, void> {
    const { group, consumer, from = 'new', idleMs = IDLE_MS, pollMs = POLL_MS, signal } = options;
    const key = this.#key(stream);
    const join = () =>
      this.#link.run(JOIN, [key], [group, from === 'first' ? '0' : '$'], { timeoutMs: TIMEOUT_MS });
    await this.#persist(join, signal);
    while (!signal?.aborted) {
      const taken = await this.#persist(async () => {
        const args = [group, consumer, READ_EVENTS_MAX, idleMs];
        try {
          return (await this.#link.run(TAKE, [key], args, { timeoutMs: TIMEOUT_MS })) as string[][];
        } catch (error) {
          // The store lost its data: the group is made again, at the beginning of what is there now.
          if (!/NOGROUP/.test((error as Error).message)) throw error;
          await this.#link.run(JOIN, [key], [group, '0'], { timeoutMs: TIMEOUT_MS });
          return [];
        }
      }, signal);
      for (const [id = '', event = '', deliveries] of taken ?? []) {
        if (signal?.aborted) return;
        yield { id, event, deliveries: Number(deliveries) };
        await this.#persist(
          () => this.#link.run(ACKNOWLEDGE, [key], [group, id], { timeoutMs: TIMEOUT_MS }),
          signal,
        );
      }
      if (!taken?.length) await this.#pause(pollMs, signal);
    }
  }

  /** Repeats what Redis did not answer until it does; everything asked here may be repeated. */
  async #persist<Value>(
    ask: () => Promise<Value>,
    signal: AbortSignal | undefined,
  ): Promise<Value | undefined> {
    while (!signal?.aborted) {
      try {
        return await ask();
      } catch (error) {
        if ((error as { retryable?: boolean }).retryable !== true) throw error;
        await this.#pause(POLL_MS, signal);
      }
    }
    return undefined;
  }

  #pause(pauseMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(pauseMs, () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      });
      const stop = () => {
        cancel();
        resolve();
      };
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  #key(stream: string): string {
    return `${this.#prefix}${checkKey(stream)}}`;
  }
}
