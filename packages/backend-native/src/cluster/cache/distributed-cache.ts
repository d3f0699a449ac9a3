/**
 * A cache on every node, kept in step by events: who changes a key tells the others to forget it. An event may be lost,
 * so no value is believed for longer than `ttlMs`; a node that knows it missed events forgets everything.
 */
import { AnantError, type Clock, systemClock } from '@anant/core';
import type { MessageBroker, Subscription } from '../../broker/message-broker.js';
import { ContentStore, digestOf } from './content-store.js';

export interface DistributedCacheOptions {
  readonly broker: MessageBroker;
  /** Caches of one name keep in step. */
  readonly name: string;
  /** Longest time that a value may be stale when an event was lost. @default 60,000 */
  readonly ttlMs?: number;
  /** @default 10,000 */
  readonly entriesMax?: number;
  /** Of distinct contents on this node. @default 64 MiB */
  readonly bytesMax?: number;
  readonly clock?: Clock;
}

export interface CacheStatistics {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  /** Keys forgotten because another node changed them. */
  readonly invalidated: number;
  readonly evicted: number;
}

interface Load {
  readonly value: Promise<Uint8Array>;
  /** The key changed while it was loaded: the value is given to who asked, and not kept. */
  isStale: boolean;
}

/** Keys being loaded at one time; one more is refused with `E_QUEUE_FULL`. */
export const LOADS_MAX = 1_000;
const KEY_CHARACTERS_MAX = 1_000;

export class DistributedCache implements AsyncDisposable {
  readonly #broker: MessageBroker;
  readonly #subject: string;
  readonly #clock: Clock;
  readonly #store: ContentStore;
  readonly #loads = new Map<string, Load>();
  #subscription: Subscription | undefined;
  #missedEvents = 0;
  #hits = 0;
  #misses = 0;
  #invalidated = 0;

  private constructor(options: DistributedCacheOptions) {
    const { broker, name, clock = systemClock, ttlMs = 60_000 } = options;
    const { entriesMax = 10_000, bytesMax = 64 * 1024 * 1024 } = options;
    this.#broker = broker;
    this.#subject = `cache/${name}`;
    this.#clock = clock;
    this.#store = new ContentStore({ entriesMax, bytesMax, ttlMs });
  }

  /** @throws AnantError of the broker when it cannot subscribe: a cache that hears nothing would be stale. */
  static async open(options: DistributedCacheOptions): Promise<DistributedCache> {
    const cache = new DistributedCache(options);
    cache.#subscription = await options.broker.subscribe(cache.#subject, ({ payload, from }) => {
      if (from !== options.broker.endpoint) cache.#forget(Buffer.from(payload).toString());
    });
    return cache;
  }

  get statistics(): CacheStatistics {
    const { size: entries, bytes, evicted } = this.#store;
    return {
      entries,
      bytes,
      hits: this.#hits,
      misses: this.#misses,
      invalidated: this.#invalidated,
      evicted,
    };
  }

  /** What this node has. Do not change the bytes: others share them. */
  get(key: string): Uint8Array | undefined {
    this.#noticeLoss();
    const value = this.#store.get(key, this.#clock.nowMs());
    if (value) this.#hits += 1;
    else this.#misses += 1;
    return value;
  }

  /** What this node has, or what `load` gives, which is then kept. One load at a time per key, shared by all who ask. */
  async read(key: string, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.get(checkKey(key));
    if (known) return known;
    const running = this.#loads.get(key);
    // One that a change has overtaken would give what was true before it.
    if (running && !running.isStale) return await running.value;
    if (this.#loads.size >= LOADS_MAX)
      throw new AnantError('E_QUEUE_FULL', `${LOADS_MAX} keys are being loaded.`, { retryable: true });
    const own: Load = { value: load(), isStale: false };
    this.#loads.set(key, own);
    try {
      const value = await own.value;
      if (!own.isStale) this.#store.set(key, value, this.#clock.nowMs());
      return value;
    } finally {
      if (this.#loads.get(key) === own) this.#loads.delete(key);
    }
  }

  /** Keeps a value here and tells the other nodes to forget theirs, unless it is the one already known here. */
  async set(key: string, value: Uint8Array): Promise<void> {
    const isSame = this.#store.digest(checkKey(key)) === digestOf(value);
    this.#overtakeLoad(key);
    this.#store.set(key, value, this.#clock.nowMs());
    if (!isSame) await this.#broker.publish(this.#subject, Buffer.from(key));
  }

  /** Forgets a key on every node. */
  async invalidate(key: string): Promise<void> {
    this.#overtakeLoad(checkKey(key));
    this.#store.delete(key);
    await this.#broker.publish(this.#subject, Buffer.from(key));
  }

  async close(): Promise<void> {
    this.#store.clear();
    await this.#subscription?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #forget(key: string): void {
    this.#noticeLoss();
    this.#overtakeLoad(key);
    if (this.#store.digest(key) === undefined) return;
    this.#store.delete(key);
    this.#invalidated += 1;
  }

  #overtakeLoad(key: string): void {
    const load = this.#loads.get(key);
    if (load) load.isStale = true;
  }

  /** Events that were dropped here named keys that nobody knows: anything may be stale. */
  #noticeLoss(): void {
    const dropped = this.#subscription?.dropped ?? 0;
    if (dropped === this.#missedEvents) return;
    this.#missedEvents = dropped;
    this.#store.clear();
    for (const load of this.#loads.values()) load.isStale = true;
  }
}

function checkKey(key: string): string {
  if (key !== '' && key.length <= KEY_CHARACTERS_MAX) return key;
  throw new TypeError(`A key has 1 to ${KEY_CHARACTERS_MAX} characters, not ${key.length}.`);
}
