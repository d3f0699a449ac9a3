/** Small values that all nodes of a cluster see: versioned, compared and set in one step, fenced where asked. */
import { randomUUID } from 'node:crypto';
import { AnantError } from '@anant/core';
import type { FencingToken } from '../../protocol/lease/index.js';
import { OPERATION_WINDOW_MS, VALUE_BYTES_MAX } from './limits.js';
import type { RedisLink } from './redis-link.js';
import { GET, WRITE } from './state-scripts.js';

export interface SharedValue {
  readonly value: string;
  /** Never the same twice for one key. */
  readonly version: string;
}

export interface WriteOptions {
  /**
   * The id under which this write has one effect, however often it is sent: within ten minutes, a repeat gets the
   * answer of the first. @default a new one
   */
  readonly operation?: string;
  /** Refused with `stale` when a higher token wrote this key before. */
  readonly token?: FencingToken;
  /** @default 5,000 */
  readonly timeoutMs?: number;
}

export type WriteOutcome =
  | { readonly type: 'written'; readonly version: string }
  /** The value changed in between; `version` is the one it has now. */
  | { readonly type: 'conflict'; readonly version: string | undefined }
  | { readonly type: 'stale'; readonly highest: FencingToken };

const TIMEOUT_MS = 5_000;
/** Stands for "whatever is there". */
const ANY = '*';

export class SharedState {
  readonly #link: RedisLink;
  readonly #prefix: string;

  constructor(link: RedisLink, namespace: string) {
    this.#link = link;
    this.#prefix = `anant:{${namespace}/state/`;
  }

  /** @throws AnantError `E_REDIS_UNREACHABLE` */
  async get(key: string, options: { readonly timeoutMs?: number } = {}): Promise<SharedValue | undefined> {
    const { timeoutMs = TIMEOUT_MS } = options;
    const reply = (await this.#link.run(GET, [this.#key(key)], [], { timeoutMs })) as (string | null)[];
    const [value, version] = reply;
    return typeof value === 'string' && typeof version === 'string' ? { value, version } : undefined;
  }

  /**
   * Writes whatever is there.
   * @throws AnantError `E_OUTCOME_UNKNOWN` when nothing was heard: repeat with the same `operation`, or read.
   * `E_PAYLOAD_TOO_LARGE` for more than 1 MiB.
   */
  set(key: string, value: string, options: WriteOptions = {}): Promise<WriteOutcome> {
    return this.#write(key, { how: 'set', expected: ANY, value }, options);
  }

  /** Writes only if the version is still `expected`; `undefined` means that no value may exist. */
  compareAndSet(
    key: string,
    expected: string | undefined,
    value: string,
    options: WriteOptions = {},
  ): Promise<WriteOutcome> {
    return this.#write(key, { how: 'swap', expected: expected ?? '', value }, options);
  }

  /** Removes the value if its version is still `expected`; without one, whatever is there. */
  delete(key: string, expected?: string, options: WriteOptions = {}): Promise<WriteOutcome> {
    return this.#write(key, { how: 'delete', expected: expected ?? ANY, value: '' }, options);
  }

  async #write(
    key: string,
    change: { readonly how: string; readonly expected: string; readonly value: string },
    { operation = randomUUID(), token, timeoutMs = TIMEOUT_MS }: WriteOptions,
  ): Promise<WriteOutcome> {
    checkBytes(`The value of "${key}"`, change.value);
    const { epoch, counter } = token ?? { epoch: 0, counter: 0 };
    const keys = [this.#key(key), `${this.#key(key)}:operation:${operation}`];
    const args = [operation, change.how, change.expected, change.value, epoch, counter, OPERATION_WINDOW_MS];
    const reply = (await this.#link.run(WRITE, keys, args, { timeoutMs })) as string[];
    const [type, first = '', second = ''] = reply;
    if (type === 'written') return { type, version: first };
    if (type === 'conflict') return { type, version: first === '' ? undefined : first };
    return { type: 'stale', highest: { epoch: Number(first), counter: Number(second) } };
  }

  /** The key is in the hash tag, so that values spread over a Redis Cluster and stay with their operations. */
  #key(key: string): string {
    return `${this.#prefix}${checkKey(key)}}`;
  }
}

/** @throws AnantError `E_PAYLOAD_TOO_LARGE` */
export function checkBytes(what: string, value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes <= VALUE_BYTES_MAX) return;
  throw new AnantError('E_PAYLOAD_TOO_LARGE', `${what} has ${bytes} bytes; ${VALUE_BYTES_MAX} is the most.`, {
    advice: 'Keep large data as an object and share its reference.',
  });
}

/** @throws TypeError for a key with braces: they would move it to another hash slot. */
export function checkKey(key: string): string {
  if (key !== '' && key.length <= 500 && !/[{}]/.test(key)) return key;
  throw new TypeError(`"${key}" cannot be a key: 1 to 500 characters, no braces.`);
}
