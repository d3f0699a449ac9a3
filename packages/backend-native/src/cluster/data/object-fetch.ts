/** One object on its way here: put together from chunks, going on with another holder where one breaks off. */
import { crc32 } from 'node:zlib';
import { AnantError } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';
import { type Chunk, isChunked, planChunks, Receiving } from '../../protocol/transfer/index.js';
import { ASKS_MAX, FETCH_MS_MAX } from '../limits.js';
import { RingReader } from './chunk-ring.js';
import type { ChunkMessage, FetchMessage, ObjectMessage } from './object-messages.js';

export interface WantedObject {
  readonly id: string;
  /** Data address of who has it. */
  readonly address: string;
  /** What must be shown at an address. */
  readonly secretOf: (address: string) => Uint8Array;
  /** `shared`: into shared memory, to be kept and given to others. `own`: into memory of the caller's own. */
  readonly memory: 'shared' | 'own';
}

export interface FetchHost {
  /** Folder into which holders on this machine put chunks. */
  readonly folder: string;
  /** Sends a request to the holder of the fetch, under a new number. @returns false when it takes no more messages. */
  ask(
    fetch: ObjectFetch,
    message: Omit<FetchMessage, 'request' | 'replaces' | 'address' | 'secret'>,
  ): boolean;
  /** Tells the holder that every chunk before `position` is here. */
  more(fetch: ObjectFetch, position: number): void;
  /** It is here, or lost. */
  done(fetch: ObjectFetch): void;
}

const DAMAGED = 'sent a chunk that is damaged';

interface Arriving {
  readonly body: Uint8Array;
  readonly sizes: readonly number[];
  readonly buffers: Uint8Array[];
  readonly chunks: readonly Chunk[];
  readonly receiving: Receiving;
}

export class ObjectFetch {
  readonly wanted: WantedObject;
  readonly #host: FetchHost;
  readonly #resolve: (value: EncodedValue) => void;
  readonly #reject: (error: AnantError) => void;
  readonly #timer: NodeJS.Timeout;
  /** Who is known to have it, besides the first; and who turned out not to. */
  #others: readonly string[] = [];
  readonly #useless = new Set<string>();
  #arriving: Arriving | undefined;
  #ring: Promise<RingReader> | undefined;
  #asksInVain = 0;
  #told = 0;
  #isOver = false;
  holder: string;
  /** The number of the last request. */
  request = 0;

  constructor(
    wanted: WantedObject,
    host: FetchHost,
    resolve: (value: EncodedValue) => void,
    reject: (error: AnantError) => void,
  ) {
    this.wanted = wanted;
    this.#host = host;
    this.#resolve = resolve;
    this.#reject = reject;
    this.holder = wanted.address;
    this.#timer = setTimeout(() => this.again(`did not answer within ${FETCH_MS_MAX} ms`), FETCH_MS_MAX);
  }

  /** Asks the present holder for what is missing. */
  ask(from: FetchMessage['from']): void {
    const { id, memory } = this.wanted;
    this.#arriving?.receiving.restart();
    const chunk = this.#arriving?.receiving.position ?? 0;
    this.#told = chunk;
    this.#closeRing();
    this.#timer.refresh();
    const use = memory === 'shared' ? 'keep' : 'once';
    const problem = this.#problemOf(() => this.#host.ask(this, { id, chunk, from, use }));
    if (problem !== undefined) this.gone(problem);
  }

  /** A holder that another one named may have an address that is none. */
  #problemOf(ask: () => boolean): string | undefined {
    try {
      return ask() ? undefined : 'takes no more messages';
    } catch (error) {
      return `cannot be asked: ${(error as Error).message.replace(/\.$/, '')}`;
    }
  }

  /** The holder answers. @throws TypeError when it is another object than the one that began to arrive */
  answered(message: ObjectMessage, frames: readonly Uint8Array[]): void {
    this.#timer.refresh();
    if (message.answer === 'absent') this.gone('does not have it');
    else if (message.answer === 'refer') this.#refer(message.address);
    else this.#begin(message, frames);
  }

  /** A chunk is there. @throws RangeError, TypeError when it cannot be one of this object */
  chunk({ index, sum }: ChunkMessage, frames: readonly Uint8Array[]): void {
    const arriving = this.#arriving;
    if (arriving === undefined || this.#isOver) return;
    this.#timer.refresh();
    const [frame] = frames;
    if (arriving.receiving.began(index) === 'skip') this.#tell(arriving);
    else if (frame !== undefined) this.#copy(arriving, index, sum, frame);
    else if (this.#ring !== undefined)
      void this.#read(arriving, { index, sum, request: this.request }, this.#ring);
  }

  /** Nothing came for a while: the next holder is asked, or the same one again, unless it was in vain too often. */
  again(why: string): void {
    this.#asksInVain += 1;
    if (this.#asksInVain >= ASKS_MAX) {
      this.fail(why);
      return;
    }
    const holders = this.#holders();
    const next = (holders.indexOf(this.holder) + 1) % Math.max(1, holders.length);
    this.holder = holders[next] ?? this.holder;
    this.ask('holder');
  }

  /** The present holder is of no use: another one goes on. */
  gone(why: string): void {
    if (this.#isOver) return;
    this.#useless.add(this.holder);
    const next = this.#holders().at(-1);
    if (next === undefined) this.fail(why);
    else this.#turnTo(next);
  }

  /** The process at this address has ended. */
  lost(address: string): void {
    this.#useless.add(address);
    if (this.holder === address) this.gone('is gone');
  }

  fail(why: string): void {
    const { id } = this.wanted;
    this.#end(() =>
      this.#reject(
        new AnantError('E_OBJECT_LOST', `The object "${id}" cannot be had: its holder ${why}.`, {
          advice: 'It was released, or the process that held it ended. Store it again.',
          details: { id },
        }),
      ),
    );
  }

  #refer(address: string): void {
    this.#turnTo(this.#useless.has(address) ? this.holder : address);
  }

  /** Who may be asked: the first one, and those it named. */
  #holders(): string[] {
    return [...new Set([this.wanted.address, ...this.#others])].filter(
      (holder) => !this.#useless.has(holder),
    );
  }

  #turnTo(holder: string): void {
    this.holder = holder;
    this.#asksInVain = 0;
    this.ask('holder');
  }

  #begin(message: Extract<ObjectMessage, { answer: 'object' }>, frames: readonly Uint8Array[]): void {
    const { sizes, others, ring } = message;
    this.#others = others;
    if (this.#arriving === undefined) this.#arriving = this.#allocate(message, frames);
    else if (String(this.#arriving.sizes) !== String(sizes))
      throw new TypeError('A holder has another object under this id.');
    if (ring !== undefined) {
      this.#ring = RingReader.open(this.#host.folder, ring);
      this.#ring.catch(() => this.again('cannot hand it over'));
    }
    this.#finishIfComplete(this.#arriving);
  }

  #allocate(
    { body, sizes }: Extract<ObjectMessage, { answer: 'object' }>,
    frames: readonly Uint8Array[],
  ): Arriving {
    let taken = 0;
    const buffers = sizes.map((bytes) => {
      if (isChunked(bytes)) return this.#memory(bytes);
      taken += 1;
      const frame = frames[taken - 1];
      if (frame?.byteLength !== bytes) throw new TypeError('A buffer of the object has another size.');
      return frame;
    });
    const chunks = planChunks(sizes);
    return { body, sizes, buffers, chunks, receiving: new Receiving(chunks.length) };
  }

  #memory(bytes: number): Uint8Array {
    const { memory } = this.wanted;
    return new Uint8Array(memory === 'shared' ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
  }

  async #read(
    arriving: Arriving,
    { index, sum, request }: ChunkMessage,
    ring: Promise<RingReader>,
  ): Promise<void> {
    const target = targetOf(arriving, index);
    const problem = await ring
      .then((reader) => reader.read(index, target))
      .then(
        () => (crc32(target) === sum ? undefined : DAMAGED),
        () => 'cannot hand it over',
      );
    // Also of a request that was given up meanwhile: its place is not written again before this was told.
    if (problem === undefined) this.#arrived(arriving, index);
    else if (request === this.request) {
      arriving.receiving.failed(index);
      this.again(problem);
    }
  }

  #copy(arriving: Arriving, index: number, sum: number, frame: Uint8Array): void {
    const target = targetOf(arriving, index);
    if (frame.byteLength !== target.byteLength || crc32(frame) !== sum) {
      arriving.receiving.failed(index);
      this.again(DAMAGED);
      return;
    }
    target.set(frame);
    this.#arrived(arriving, index);
  }

  #arrived(arriving: Arriving, index: number): void {
    if (this.#isOver) return;
    this.#timer.refresh();
    this.#asksInVain = 0;
    arriving.receiving.ended(index);
    if (arriving.receiving.position > this.#told) this.#tell(arriving);
    this.#finishIfComplete(arriving);
  }

  #tell({ receiving }: Arriving): void {
    this.#told = receiving.position;
    this.#host.more(this, this.#told);
  }

  #finishIfComplete({ receiving, body, buffers }: Arriving): void {
    if (receiving.isComplete) this.#end(() => this.#resolve({ body, buffers }));
  }

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#closeRing();
    this.#host.done(this);
    settle();
  }

  #closeRing(): void {
    const ring = this.#ring;
    this.#ring = undefined;
    ring?.then(
      (reader) => reader.close(),
      () => {},
    );
  }
}

function targetOf({ chunks, buffers }: Arriving, index: number): Uint8Array {
  const { buffer, from, to } = chunks[index] as Chunk;
  return (buffers[buffer] as Uint8Array).subarray(from, to);
}
