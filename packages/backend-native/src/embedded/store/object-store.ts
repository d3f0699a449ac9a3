/** Objects kept in this process: encoded once, their arrays in shared memory, so that threads read them without a copy. */
import { AnantError, type ObjectId } from '@anant/core';
import { decodeValue, type EncodedValue, encodedBytes, encodeValue } from '@anant/core/codec';

const ALIGN_BYTES = 64;

export class NativeObjectStore {
  readonly #objects = new Map<ObjectId, EncodedValue>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
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
    const isShared = buffers.every(({ buffer }) => buffer instanceof SharedArrayBuffer);
    const kept = () => ({ body, buffers: isShared ? buffers : copyToShared(buffers) });
    return this.#store(id, encodedBytes({ body, buffers }), kept);
  }

  #store(id: ObjectId, bytes: number, make: () => EncodedValue): number {
    const others = this.#bytes - this.#bytesOf(id);
    if (others + bytes > this.#bytesMax) throw tooLarge(bytes, this.#bytesMax - others);
    this.#objects.set(id, make());
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
    return this.#objects.get(id);
  }

  release(ids: readonly ObjectId[]): void {
    for (const id of ids) {
      this.#bytes -= this.#bytesOf(id);
      this.#objects.delete(id);
    }
  }

  clear(): void {
    this.#objects.clear();
    this.#bytes = 0;
  }

  #bytesOf(id: ObjectId): number {
    const object = this.#objects.get(id);
    return object ? encodedBytes(object) : 0;
  }

  #find(id: ObjectId): EncodedValue {
    const object = this.#objects.get(id);
    if (object) return object;
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
