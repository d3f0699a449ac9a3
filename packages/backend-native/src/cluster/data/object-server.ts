/** Gives objects of this process to those who ask: whole, in chunks with credits, or by naming another one who has it. */
import { crc32 } from 'node:zlib';
import type { EncodedValue } from '@anant/core/codec';
import { type Chunk, isChunked, pickTransfer, planChunks, Serving } from '../../protocol/transfer/index.js';
import { COPIED_OBJECTS_MAX, COPIES_MAX, SERVING_MS_MAX, SERVINGS_MAX } from '../limits.js';
import { RingWriter } from './chunk-ring.js';
import { DATA_KIND } from './data-message.js';
import type { DataPlane } from './data-plane.js';
import {
  encodeChunk,
  encodeObject,
  type FetchMessage,
  type MoreMessage,
  type ObjectMessage,
} from './object-messages.js';

/** Finds what this process holds. */
export type ObjectSource = (id: string) => EncodedValue | undefined;

interface Served {
  readonly fetch: FetchMessage;
  readonly buffers: readonly Uint8Array[];
  readonly chunks: readonly Chunk[];
  readonly serving: Serving;
  readonly timer: NodeJS.Timeout;
  ring: RingWriter | undefined;
  isSending: boolean;
  isClosed: boolean;
}

const NO_COPIES: readonly string[] = [];

export class ObjectServer {
  readonly #plane: DataPlane;
  readonly #source: ObjectSource;
  /** By reader and its number, the oldest first. */
  readonly #served = new Map<string, Served>();
  /** Who has a copy of what, by object. */
  readonly #copies = new Map<string, string[]>();
  #referred = 0;

  constructor(plane: DataPlane, source: ObjectSource) {
    this.#plane = plane;
    this.#source = source;
  }

  /** Someone asks. */
  serve(fetch: FetchMessage): void {
    const { request, id, address, from } = fetch;
    const value = this.#find(id);
    if (value === undefined) {
      this.#answer(fetch, { request, answer: 'absent' });
      return;
    }
    const { body, buffers } = value;
    const sizes = buffers.map(({ byteLength }) => byteLength);
    const others = (this.#copies.get(id) ?? NO_COPIES).filter((other) => other !== address);
    const folder = this.#plane.folderOf(address);
    const choice = pickTransfer({
      chunkedBytes: sizes.filter(isChunked).reduce((sum, bytes) => sum + bytes, 0),
      machine: folder === undefined ? 'other' : 'same',
      readers: this.#readersOf(id),
      copies: others.length,
      from,
    });
    if (choice.pattern === 'refer') {
      this.#referred += 1;
      const other = others[this.#referred % others.length] as string;
      this.#answer(fetch, { request, answer: 'refer', address: other });
      return;
    }
    const small = buffers.filter(({ byteLength }) => !isChunked(byteLength));
    const object = { request, answer: 'object', body, sizes, others } as const;
    if (choice.pattern === 'request-reply') {
      this.#answer(fetch, { ...object, ring: undefined }, small);
      return;
    }
    const served = this.#open(fetch, buffers, planChunks(sizes));
    const answer = () => this.#answer(fetch, { ...object, ring: served.ring?.name }, small);
    void this.#begin(served, choice.medium === 'memory' ? folder : undefined, answer);
  }

  /** A reader has read more. */
  more({ request, address, position }: MoreMessage): void {
    const served = this.#served.get(keyOf({ request, address }));
    if (served === undefined) return;
    served.timer.refresh();
    served.serving.granted(position);
    if (!served.serving.isOver) void this.#send(served);
    else {
      this.#close(served);
      if (served.fetch.use === 'keep') this.#copied(served.fetch);
    }
  }

  /** The process at this address is gone. */
  lose(address: string): void {
    for (const served of [...this.#served.values()])
      if (served.fetch.address === address) this.#close(served);
    for (const copies of this.#copies.values()) {
      const at = copies.indexOf(address);
      if (at >= 0) copies.splice(at, 1);
    }
  }

  close(): void {
    for (const served of [...this.#served.values()]) this.#close(served);
  }

  #open(fetch: FetchMessage, buffers: readonly Uint8Array[], chunks: readonly Chunk[]): Served {
    const earlier = this.#served.get(keyOf({ request: fetch.replaces, address: fetch.address }));
    if (earlier !== undefined) this.#close(earlier);
    const oldest = this.#served.size >= SERVINGS_MAX ? this.#served.values().next().value : undefined;
    if (oldest !== undefined) this.#close(oldest);
    const served: Served = {
      fetch,
      buffers,
      chunks,
      serving: new Serving(chunks.length, Math.min(fetch.chunk, chunks.length)),
      timer: setTimeout(() => this.#close(served), SERVING_MS_MAX).unref(),
      ring: undefined,
      isSending: false,
      isClosed: false,
    };
    this.#served.set(keyOf(fetch), served);
    return served;
  }

  /** An object that was moved to disk and cannot be read is as good as none. */
  #find(id: string): EncodedValue | undefined {
    try {
      return this.#source(id);
    } catch {
      return undefined;
    }
  }

  async #begin(served: Served, folder: string | undefined, answer: () => void): Promise<void> {
    const ring = folder === undefined ? undefined : await this.#ring(folder);
    if (served.isClosed) {
      await ring?.close();
      return;
    }
    served.ring = ring;
    answer();
    await this.#send(served);
  }

  /** @returns nothing when there is no room in memory: the chunks go as frames then. */
  async #ring(folder: string): Promise<RingWriter | undefined> {
    try {
      return await RingWriter.create(folder, this.#plane.fileName());
    } catch {
      return undefined;
    }
  }

  async #send(served: Served): Promise<void> {
    if (served.isSending) return;
    served.isSending = true;
    const { serving, chunks, buffers } = served;
    for (let index = serving.take(); index !== undefined; index = serving.take()) {
      const { buffer, from, to } = chunks[index] as Chunk;
      const bytes = (buffers[buffer] as Uint8Array).subarray(from, to);
      // Beside the writing, which another thread does.
      const writing = this.#write(served, index, bytes);
      const sum = crc32(bytes);
      const isInRing = await writing;
      if (served.isClosed) break;
      // A frame is a copy: the socket sends it later, from another thread.
      this.#chunk(served, index, sum, isInRing ? [] : [new Uint8Array(bytes)]);
    }
    served.isSending = false;
  }

  /** @returns whether it lies in the file now; with no room there, this chunk and the others are frames. */
  async #write(served: Served, index: number, bytes: Uint8Array): Promise<boolean> {
    const { ring } = served;
    if (ring === undefined) return false;
    try {
      await ring.write(index, bytes);
      return true;
    } catch {
      served.ring = undefined;
      await ring.close();
      return false;
    }
  }

  #chunk({ fetch }: Served, index: number, sum: number, frames: readonly Uint8Array[]): void {
    const { address, secret, request } = fetch;
    this.#plane.send(address, secret, DATA_KIND.chunk, encodeChunk({ request, index, sum }), frames);
  }

  #answer(
    { address, secret }: FetchMessage,
    message: ObjectMessage,
    frames: readonly Uint8Array[] = [],
  ): void {
    this.#plane.send(address, secret, DATA_KIND.object, encodeObject(message), frames);
  }

  #readersOf(id: string): number {
    let readers = 0;
    for (const { fetch } of this.#served.values()) if (fetch.id === id) readers += 1;
    return readers;
  }

  #copied({ id, address }: FetchMessage): void {
    const copies = this.#copies.get(id) ?? [];
    if (!copies.includes(address)) copies.push(address);
    if (copies.length > COPIES_MAX) copies.shift();
    this.#copies.set(id, copies);
    if (this.#copies.size > COPIED_OBJECTS_MAX)
      this.#copies.delete(this.#copies.keys().next().value as string);
  }

  #close(served: Served): void {
    if (served.isClosed) return;
    served.isClosed = true;
    clearTimeout(served.timer);
    this.#served.delete(keyOf(served.fetch));
    void served.ring?.close();
  }
}

const keyOf = ({ request, address }: { readonly request: number; readonly address: string }): string =>
  `${request} ${address}`;
