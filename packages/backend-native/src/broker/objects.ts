/**
 * Objects too large for a message: offered under a name, fetched in chunks with credits, resumed where a transfer broke,
 * and checked by their SHA-256 at the end.
 */
import { createHash } from 'node:crypto';
import { AnantError } from '@anant/core';
import { CHUNK_BYTES_MAX, OBJECT_BYTES_MAX, RESUMES_MAX } from './limits.js';
import type { MessageBroker, Subscription } from './message-broker.js';
import type { StreamOptions } from './streams/streams.js';

/** Where the bytes of an offered object come from. */
export interface ObjectSource {
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  /** The bytes from `offset` on, in pieces of any size. */
  read(offset: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface FetchOptions extends StreamOptions {
  readonly onProgress?: (receivedBytes: number, totalBytes: number) => void;
}

interface Opening {
  readonly offset: number;
  /** Of the object whose first part is already here. */
  readonly digest?: string;
}

interface Header {
  readonly bytes: number;
  readonly digest: string;
}

/** An object that is in memory. */
export function bytesSource(data: Uint8Array): ObjectSource {
  return {
    bytes: data.length,
    digest: createHash('sha256').update(data).digest('hex'),
    *read(offset) {
      for (let at = offset; at < data.length; at += CHUNK_BYTES_MAX)
        yield data.subarray(at, at + CHUNK_BYTES_MAX);
    },
  };
}

/** Keeps an object ready until the subscription is closed. Several brokers may offer the same one. */
export function offerObject(
  broker: MessageBroker,
  name: string,
  source: ObjectSource,
): Promise<Subscription> {
  return broker.serveStream(`object/${name}`, async function* (opening) {
    const { offset, digest } = parseOpening(opening);
    if (digest !== undefined && digest !== source.digest)
      throw new AnantError('E_OBJECT_LOST', `"${name}" is another object than the one begun.`);
    const header: Header = { bytes: source.bytes, digest: source.digest };
    yield Buffer.from(JSON.stringify(header));
    yield* source.read(offset);
  });
}

/**
 * Fetches an object whole.
 * @throws AnantError `E_OBJECT_LOST` when it changed meanwhile or is not what its digest says, `E_PAYLOAD_TOO_LARGE`
 * above 2 GiB, and the last failure after 20 resumes.
 */
export async function fetchObject(
  broker: MessageBroker,
  name: string,
  options: FetchOptions = {},
): Promise<Uint8Array> {
  const transfer = new Transfer(name, options.onProgress ?? (() => {}));
  for (let resumes = 0; ; resumes++) {
    try {
      for await (const piece of broker.stream(`object/${name}`, transfer.opening(), options))
        transfer.add(piece);
      return transfer.finish();
    } catch (error) {
      const isPassing = AnantError.is(error) && error.retryable;
      if (!isPassing || resumes >= RESUMES_MAX || options.signal?.aborted) throw error;
      transfer.pause();
    }
  }
}

class Transfer {
  readonly #name: string;
  readonly #onProgress: (receivedBytes: number, totalBytes: number) => void;
  #header: Header | undefined;
  #data = new Uint8Array(0);
  #received = 0;
  /** Whether the next piece is a header: the first of every stream is. */
  #isOpening = true;

  constructor(name: string, onProgress: (receivedBytes: number, totalBytes: number) => void) {
    this.#name = name;
    this.#onProgress = onProgress;
  }

  opening(): Uint8Array {
    const { digest } = this.#header ?? {};
    const opening: Opening = { offset: this.#received, ...(digest !== undefined && { digest }) };
    return Buffer.from(JSON.stringify(opening));
  }

  pause(): void {
    this.#isOpening = true;
  }

  add(piece: Uint8Array): void {
    if (this.#isOpening) {
      this.#isOpening = false;
      if (!this.#header) this.#begin(piece);
      return;
    }
    if (this.#received + piece.length > this.#data.length) throw this.#wrong('is longer than it said');
    this.#data.set(piece, this.#received);
    this.#received += piece.length;
    this.#onProgress(this.#received, this.#data.length);
  }

  finish(): Uint8Array {
    if (!this.#header || this.#received < this.#data.length) throw this.#wrong('is shorter than it said');
    const digest = createHash('sha256').update(this.#data).digest('hex');
    if (digest !== this.#header.digest) throw this.#wrong('is not what its digest says');
    return this.#data;
  }

  #begin(piece: Uint8Array): void {
    const header = JSON.parse(Buffer.from(piece).toString()) as Header;
    if (!Number.isSafeInteger(header.bytes) || header.bytes < 0 || header.bytes > OBJECT_BYTES_MAX) {
      const message = `"${this.#name}" has ${header.bytes} bytes; ${OBJECT_BYTES_MAX} is the most.`;
      throw new AnantError('E_PAYLOAD_TOO_LARGE', message);
    }
    this.#header = header;
    this.#data = new Uint8Array(header.bytes);
  }

  #wrong(problem: string): AnantError {
    return new AnantError('E_OBJECT_LOST', `The object "${this.#name}" ${problem}.`);
  }
}

function parseOpening(bytes: Uint8Array): Opening {
  const { offset, digest } = JSON.parse(Buffer.from(bytes).toString()) as Opening;
  if (Number.isSafeInteger(offset) && offset >= 0) return { offset, ...(digest !== undefined && { digest }) };
  throw new AnantError('E_PROTOCOL', `${offset} is no offset of an object.`);
}
