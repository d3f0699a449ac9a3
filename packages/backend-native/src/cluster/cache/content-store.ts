/**
 * Contents by the digest of their bytes, and keys that name them: equal values are kept once. The least recently used
 * key goes first when entries or bytes are too many. No clock of its own.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export interface ContentStoreLimits {
  readonly entriesMax: number;
  /** Of distinct contents. */
  readonly bytesMax: number;
  readonly ttlMs: number;
}

interface Entry {
  readonly digest: string;
  readonly untilMs: number;
}

interface Content {
  readonly value: Uint8Array;
  keys: number;
}

export const digestOf = (value: Uint8Array): string => createHash('sha256').update(value).digest('hex');

export class ContentStore {
  readonly #limits: ContentStoreLimits;
  readonly #entries: LRUCache<string, Entry>;
  readonly #contents = new Map<string, Content>();
  #bytes = 0;
  #evicted = 0;

  constructor(limits: ContentStoreLimits) {
    this.#limits = limits;
    this.#entries = new LRUCache({
      max: limits.entriesMax,
      dispose: ({ digest }, _key, reason) => {
        if (reason === 'evict') this.#evicted += 1;
        this.#letGo(digest);
      },
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Of distinct contents. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keys dropped to keep to the bounds. */
  get evicted(): number {
    return this.#evicted;
  }

  get(key: string, nowMs: number): Uint8Array | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (nowMs >= entry.untilMs) {
      this.delete(key);
      return undefined;
    }
    return this.#contents.get(entry.digest)?.value;
  }

  /** The digest of what a key names, without using it. */
  digest(key: string): string | undefined {
    return this.#entries.peek(key)?.digest;
  }

  /** A value larger than all the room is not kept. */
  set(key: string, value: Uint8Array, nowMs: number): void {
    this.delete(key);
    if (value.length > this.#limits.bytesMax) return;
    const digest = digestOf(value);
    const content = this.#contents.get(digest);
    if (content) content.keys += 1;
    else {
      this.#contents.set(digest, { value, keys: 1 });
      this.#bytes += value.length;
    }
    this.#entries.set(key, { digest, untilMs: nowMs + this.#limits.ttlMs });
    while (this.#bytes > this.#limits.bytesMax) this.#entries.pop();
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  #letGo(digest: string): void {
    const content = this.#contents.get(digest)!;
    content.keys -= 1;
    if (content.keys > 0) return;
    this.#contents.delete(digest);
    this.#bytes -= content.value.length;
  }
}
