/**
 * One connection to Redis or Redis Cluster that only runs scripts, each with a deadline of its own. A call is sent
 * again, unchanged, until it is answered or late: every script that writes has one effect however often it arrives.
 * ioredis does none of this: it resends by default, which runs a plain INCR twice, and without that never settles.
 */
import { AnantError, backoffDelayMs, type Clock, type Random, systemClock } from '@anant/core';
import { ATTEMPT_MS_MAX, REDIS_CALLS_MAX, RETRY_MS, RETRY_MS_MAX } from './limits.js';
import { createRedisClient, type RedisClient, type RedisOptions } from './redis-client.js';
import type { RedisScript } from './redis-script.js';

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Strings of the answer as they are on the wire. @default 'text' */
  readonly reply?: 'text' | 'bytes';
}

type Reply =
  | { readonly type: 'reply'; readonly value: unknown }
  | { readonly type: 'again'; readonly cause: unknown };

/** Answers that say: not now, or not here. */
const PASSING = /^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|READONLY|MOVED|ASK|BUSY|NOREPLICAS|UNBLOCKED)\b/;
const NO_SCRIPT = /^NOSCRIPT\b/;

export class RedisLink {
  readonly #client: RedisClient;
  readonly #clock: Clock;
  readonly #random: Random;
  #calls = 0;
  #lastError: unknown;
  #isClosed = false;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  private constructor(client: RedisClient, options: RedisOptions) {
    this.#client = client;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    client.on('error', (error) => {
      this.#lastError = error;
    });
  }

  /** Begins to connect; calls wait for it within their own deadlines. @throws TypeError for no or malformed URLs. */
  static async open(options: RedisOptions): Promise<RedisLink> {
    const client = await createRedisClient(options, 'calls');
    return new RedisLink(client, options);
  }

  /** Calls without an answer. */
  get openCalls(): number {
    return this.#calls;
  }

  /**
   * Runs a script; all keys must be in one hash slot. Settles by its deadline, whatever Redis does.
   * @throws AnantError `E_OUTCOME_UNKNOWN` when a write was sent and not answered, `E_REDIS_UNREACHABLE` when nothing
   * was sent or a read stayed unanswered, `E_REDIS_REFUSED` when Redis answered with an error, `E_QUEUE_FULL`.
   */
  async run(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number | Uint8Array)[],
    options: CallOptions,
  ): Promise<unknown> {
    if (this.#calls >= REDIS_CALLS_MAX) {
      throw new AnantError('E_QUEUE_FULL', `${REDIS_CALLS_MAX} calls to Redis wait for answers.`, {
        retryable: true,
      });
    }
    this.#calls += 1;
    try {
      return await this.#untilAnswered(script, keys, args, options);
    } finally {
      this.#calls -= 1;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#client.disconnect();
  }

  async #untilAnswered(
    script: RedisScript,
    keys: readonly string[],
    args: readonly (string | number | Uint8Array)[],
    { timeoutMs, signal, reply: form = 'text' }: CallOptions,
  ): Promise<unknown> {
    const deadlineMs = this.#clock.nowMs() + timeoutMs;
    const words = [keys.length, ...keys, ...args.map(toWord)];
    let isSent = false;
    let cause: unknown = this.#lastError;
    for (let attempt = 1; ; attempt++) {
      const remainingMs = deadlineMs - this.#clock.nowMs();
      if (remainingMs <= 0 || this.#isClosed || signal?.aborted) {
        throw unanswered(script, { isSent, timeoutMs, isClosed: this.#isClosed, cause });
      }
      if (this.#client.status === 'ready') {
        isSent = true;
        const reply = await this.#attempt(script, words, form, Math.min(remainingMs, ATTEMPT_MS_MAX));
        if (reply.type === 'reply') return reply.value;
        cause = reply.cause;
      }
      const pauseMs = backoffDelayMs(
        { backoffMs: RETRY_MS, backoffMsMax: RETRY_MS_MAX },
        attempt,
        this.#random,
      );
      await this.#pause(Math.min(pauseMs + 1, Math.max(1, deadlineMs - this.#clock.nowMs())));
    }
  }

  async #attempt(
    script: RedisScript,
    words: readonly (string | number | Buffer)[],
    form: 'text' | 'bytes',
    timeoutMs: number,
  ): Promise<Reply> {
    const ask = (name: string, script: string): Promise<unknown> =>
      form === 'bytes'
        ? this.#client.callBuffer(name, script, ...words)
        : this.#client.call(name, script, ...words);
    const call = async (): Promise<unknown> => {
      try {
        return await ask('EVALSHA', script.sha);
      } catch (error) {
        if (!NO_SCRIPT.test((error as Error).message)) throw error;
        return await ask('EVAL', script.text);
      }
    };
    return await new Promise<Reply>((resolve, reject) => {
      const cancel = this.#clock.schedule(timeoutMs, () => {
        this.#renewConnection();
        resolve({ type: 'again', cause: new Error(`no answer within ${timeoutMs} ms`) });
      });
      call().then(
        (value) => {
          cancel();
          resolve({ type: 'reply', value });
        },
        (error: Error) => {
          cancel();
          if (isPassing(error)) resolve({ type: 'again', cause: error });
          else reject(refused(error));
        },
      );
    });
  }

  /** A silent connection is given up, at most once per attempt's time: what waits on it would only arrive late. */
  #renewConnection(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#isClosed || nowMs - this.#renewedAtMs < ATTEMPT_MS_MAX) return;
    this.#renewedAtMs = nowMs;
    const nodes = 'nodes' in this.#client ? this.#client.nodes('all') : [this.#client];
    for (const node of nodes) node.disconnect(true);
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => this.#clock.schedule(pauseMs, resolve));
  }
}

const toWord = (arg: string | number | Uint8Array): string | number | Buffer =>
  arg instanceof Uint8Array ? Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength) : arg;

/** Whether asking again may help: Redis did not answer, or answered that it cannot now. */
function isPassing(error: Error): boolean {
  return error.name !== 'ReplyError' || PASSING.test(error.message);
}

interface Silence {
  readonly isSent: boolean;
  readonly timeoutMs: number;
  readonly isClosed: boolean;
  readonly cause: unknown;
}

function unanswered(script: RedisScript, { isSent, timeoutMs, isClosed, cause }: Silence): AnantError {
  const why = isClosed ? 'before the connection was closed' : `within ${timeoutMs} ms`;
  const options = { cause, retryable: true, advice: 'Look at the Redis server and the network to it.' };
  if (isSent && script.kind === 'write')
    return new AnantError('E_OUTCOME_UNKNOWN', `Redis did not answer a write ${why}.`, options);
  return new AnantError('E_REDIS_UNREACHABLE', `Redis did not answer ${why}.`, options);
}

function refused(error: Error): AnantError {
  return new AnantError('E_REDIS_REFUSED', `Redis refused a call: ${error.message}`, {
    cause: error,
    advice:
      'Check user, password, permissions (EVALSHA, EVAL, INFO) and that the keys are not used by others.',
  });
}
