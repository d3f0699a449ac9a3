/**
 * Contents by the digest of their bytes, and keys that name them: equal values are kept once. The least recently used
 * key goes first when entries or bytes are too many. No clock of its own.
 */
import { createHash } from 'node:crypto';

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
  /** In the order of last use. */
  readonly #entries = new Map<string, Entry>();
  readonly #contents = new Map<string, Content>();
  #bytes = 0;
  #evicted = 0;

  constructor(limits: ContentStoreLimits) {
    this.#limits = limits;
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
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return this.#contents.get(entry.digest)?.value;
  }

  /** The digest of what a key names, without using it. */
  digest(key: string): string | undefined {
    return this.#entries.get(key)?.digest;
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
    this.#shrink();
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    const content = this.#contents.get(entry.digest)!;
    content.keys -= 1;
    if (content.keys > 0) return;
    this.#contents.delete(entry.digest);
    this.#bytes -= content.value.length;
  }

  clear(): void {
    this.#entries.clear();
    this.#contents.clear();
    this.#bytes = 0;
  }

  #shrink(): void {
    const { entriesMax, bytesMax } = this.#limits;
    while (this.#entries.size > entriesMax || this.#bytes > bytesMax) {
      const [oldest] = this.#entries.keys();
      this.delete(oldest!);
      this.#evicted += 1;
    }
  }
}
