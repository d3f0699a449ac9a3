/**
 * Objects kept in this process: encoded once, their arrays in shared memory, so that threads read them without a copy.
 * When memory is short, those unused longest go to disk, and come back when they are asked for.
 */
import { AnantError, type ObjectId } from '@anant/core';
import { decodeValue, type EncodedValue, encodedBytes, encodeValue } from '@anant/core/codec';

import { SPILL_BYTES_MAX } from '../limits.js';
import { type SpilledObject, SpillFolder } from './spill-folder.js';

const ALIGN_BYTES = 64;
/** Smaller objects stay in memory: a file would free next to nothing. */
const SPILL_BYTES_MIN = 64 * 1024;

/** In memory, or on disk. */
type Kept = { readonly bytes: number } & (
  | { readonly value: EncodedValue }
  | { readonly value: undefined; readonly spilled: SpilledObject }
);

export class NativeObjectStore {
  /** Those used last at the end. */
  readonly #objects = new Map<ObjectId, Kept>();
  readonly #bytesMax: number;
  readonly #spillBytesMax: number;
  readonly #folder: SpillFolder;
  #bytes = 0;
  #spilledBytes = 0;

  constructor(bytesMax: number, spillBytesMax = SPILL_BYTES_MAX, folder = new SpillFolder()) {
    this.#bytesMax = bytesMax;
    this.#spillBytesMax = spillBytesMax;
    this.#folder = folder;
  }

  /** Bytes that lie on disk. */
  get spilledBytes(): number {
    return this.#spilledBytes;
  }

  /** Moves objects to disk, those unused longest first. @returns how many bytes went. @throws Error when the disk is full */
  spill(bytesWanted: number): number {
    let moved = 0;
    for (const [id, { bytes, value }] of this.#objects) {
      if (moved >= bytesWanted) break;
      if (value === undefined || bytes < SPILL_BYTES_MIN) continue;
      if (this.#spilledBytes + bytes > this.#spillBytesMax) continue;
      this.#objects.set(id, { bytes, value: undefined, spilled: this.#folder.write(value) });
      this.#spilledBytes += bytes;
      moved += bytes;
    }
    return moved;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Stores a copy of a value. @returns its encoded size. @throws AnantError `E_VALUE_NOT_PORTABLE`, `E_PAYLOAD_TOO_LARGE` */
  put(id: ObjectId, value: unknown): number {
    const { body, buffers } = encodeValue(value, 'object');
    return this.#store(id, encodedBytes({ body, buffers }), () => ({ body, buffers: copyToShared(buffers) }));
  }

  /** Stores an encoded value whose buffers nobody else writes; those in shared memory are not copied. */
  keep(id: ObjectId, { body, buffers }: EncodedValue): number {
    return this.#store(id, encodedBytes({ body, buffers }), () => ({ body, buffers: inShared(buffers) }));
  }

  #store(id: ObjectId, bytes: number, make: () => EncodedValue): number {
    const others = this.#bytes - this.#bytesOf(id);
    if (others + bytes > this.#bytesMax) throw tooLarge(bytes, this.#bytesMax - others);
    const value = make();
    this.#forget(id);
    this.#objects.set(id, { bytes, value });
    this.#bytes = others + bytes;
    return bytes;
  }

  /** The value for a reader outside: its own copy. @throws AnantError `E_OBJECT_LOST` */
  read(id: ObjectId): unknown {
    const { body, buffers } = this.#find(id);
    return decodeValue(
      body,
      buffers.map((buffer) => new Uint8Array(buffer)),
    );
  }

  /** The value for a task: its arrays are shared and must not be written. @throws AnantError `E_OBJECT_LOST` */
  share(id: ObjectId): unknown {
    const { body, buffers } = this.#find(id);
    return decodeValue(body, buffers);
  }

  /** The value as it is kept. */
  encoded(id: ObjectId): EncodedValue | undefined {
    return this.#objects.has(id) ? this.#find(id) : undefined;
  }

  release(ids: readonly ObjectId[]): void {
    for (const id of ids) {
      this.#bytes -= this.#bytesOf(id);
      this.#forget(id);
    }
  }

  clear(): void {
    this.#objects.clear();
    this.#folder.clear();
    this.#bytes = 0;
    this.#spilledBytes = 0;
  }

  #bytesOf(id: ObjectId): number {
    return this.#objects.get(id)?.bytes ?? 0;
  }

  #forget(id: ObjectId): void {
    const object = this.#objects.get(id);
    if (object === undefined) return;
    this.#objects.delete(id);
    if (object.value !== undefined) return;
    this.#folder.remove(object.spilled);
    this.#spilledBytes -= object.bytes;
  }

  /** Back from disk, into shared memory. @throws AnantError `E_OBJECT_LOST` */
  #unspill(id: ObjectId, spilled: SpilledObject): EncodedValue {
    try {
      const { body, buffers } = this.#folder.read(spilled);
      return { body: new Uint8Array(body), buffers: copyToShared(buffers) };
    } catch (cause) {
      throw new AnantError('E_OBJECT_LOST', `The object "${id}" was moved to disk and cannot be read.`, {
        cause,
        advice: 'Store it again; look after the folder for temporary files.',
      });
    }
  }

  #find(id: ObjectId): EncodedValue {
    const object = this.#objects.get(id);
    if (object) {
      const value = object.value ?? this.#unspill(id, object.spilled);
      this.#forget(id);
      this.#objects.set(id, { bytes: object.bytes, value });
      return value;
    }
    throw new AnantError('E_OBJECT_LOST', `The object "${id}" is not stored here.`, {
      advice: 'It was released, or its backend was started anew. Store it again.',
      details: { id },
    });
  }
}

function tooLarge(bytes: number, room: number): AnantError {
  return new AnantError(
    'E_PAYLOAD_TOO_LARGE',
    `An object of ${bytes} bytes does not fit: the store has room for ${room}.`,
    {
      advice: 'Release objects that are no longer needed, or raise objectBytesMax.',
      details: { bytes, room },
    },
  );
}

/** The buffers that lie in shared memory as they are, copies of the others. */
function inShared(buffers: readonly Uint8Array[]): Uint8Array[] {
  const isShared = ({ buffer }: Uint8Array): boolean => buffer instanceof SharedArrayBuffer;
  const copies = copyToShared(buffers.filter((buffer) => !isShared(buffer)));
  return buffers.map((buffer) => (isShared(buffer) ? buffer : (copies.shift() as Uint8Array)));
}

/** Copies of the buffers, in one piece of shared memory. */
function copyToShared(buffers: readonly Uint8Array[]): Uint8Array[] {
  const aligned = (bytes: number): number => Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
  const memory = new SharedArrayBuffer(buffers.reduce((sum, { byteLength }) => sum + aligned(byteLength), 0));
  let offset = 0;
  return buffers.map((source) => {
    const target = new Uint8Array(memory, offset, source.byteLength);
    target.set(source);
    offset += aligned(source.byteLength);
    return target;
  });
}
