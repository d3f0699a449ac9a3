/**
 * One shared WebAssembly memory that the caller owns: arrays placed in it reach kernels without a copy.
 * Allocation happens on the thread that made it; other threads only read and write the arrays.
 */
import type { KernelArrayType } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import { type Allocation, BlockAllocator } from './block-allocator.js';
import { elementBytes, isArrayOf, type KernelArray, type KernelArrays, viewOf } from './kernel-arrays.js';
import type { WasmMemory } from './wasm-objects.js';

export const PAGE_BYTES = 65_536;
/** Most pages a 32-bit memory may have: 4 GiB. */
export const PAGES_MAX = 65_536;

const RESERVED_BYTES = 1_048_576;
const GROWTH_PAGES = 16;

export interface KernelMemoryOptions {
  /** Size to start with, in bytes. @default 2 MiB */
  readonly initialBytes?: number;
  /** Size it may grow to, at most 4 GiB. Must not exceed the maximum that the kernels declare. @default 4 GiB */
  readonly maximumBytes?: number;
  /** Bytes at the bottom left to the modules' own data and stack (`__heap_base`). @default 1 MiB */
  readonly reservedBytes?: number;
}

/** Buffers of every live memory, for every installed copy of this package; one that grew has several over the same bytes. */
const OWNERS = Symbol.for('anant.kernel-memory.owners');
const shared = globalThis as { [OWNERS]?: WeakMap<ArrayBufferLike, KernelMemory> };
shared[OWNERS] ??= new WeakMap();
const owners = shared[OWNERS];

export class KernelMemory {
  readonly memory: WasmMemory;
  readonly maximumPages: number;
  readonly reservedBytes: number;
  readonly #allocator: BlockAllocator;
  #buffer: ArrayBufferLike | undefined;

  /** @throws RangeError when a size does not fit a 32-bit memory or the system cannot reserve it. */
  constructor(options: KernelMemoryOptions = {}) {
    this.reservedBytes = checkSize('reservedBytes', options.reservedBytes ?? RESERVED_BYTES);
    const initialBytes = checkSize('initialBytes', options.initialBytes ?? 2 * RESERVED_BYTES);
    const maximumBytes = checkSize('maximumBytes', options.maximumBytes ?? PAGES_MAX * PAGE_BYTES);
    const initial = pagesOf(Math.max(initialBytes, this.reservedBytes));
    this.maximumPages = Math.floor(maximumBytes / PAGE_BYTES);
    if (this.maximumPages < initial) {
      throw new RangeError(`maximumBytes (${maximumBytes}) is less than initialBytes or reservedBytes.`);
    }
    this.memory = new WebAssembly.Memory({ initial, maximum: this.maximumPages, shared: true });
    this.#allocator = new BlockAllocator(this.reservedBytes);
  }

  /** The memory whose bytes `view` shows, if any. */
  static of(view: ArrayBufferView): KernelMemory | undefined {
    return owners.get(view.buffer);
  }

  /** The current buffer. It is replaced when the memory grows; views made before stay valid. */
  get buffer(): ArrayBufferLike {
    const buffer = this.memory.buffer;
    if (buffer !== this.#buffer) {
      owners.set(buffer, this);
      this.#buffer = buffer;
    }
    return buffer;
  }

  /** Bytes held by live arrays, rounded up to the alignment. */
  get usedBytes(): number {
    return this.#allocator.usedBytes;
  }

  /**
   * A zeroed array of `length` elements, 64-byte aligned. Give it back with `free`.
   * @throws AnantError `E_OUT_OF_MEMORY` when the maximum does not suffice.
   */
  allocate<Type extends KernelArrayType>(type: Type, length: number): KernelArrays[Type] {
    return this.#view(type, length, this.allocateBytes(bytesOf(type, length)));
  }

  /** As `allocate`, but the array holds whatever was there. @throws AnantError `E_OUT_OF_MEMORY` */
  take<Type extends KernelArrayType>(type: Type, length: number): KernelArrays[Type] {
    return this.#view(type, length, this.takeBytes(bytesOf(type, length)));
  }

  #view<Type extends KernelArrayType>(type: Type, length: number, byteOffset: number): KernelArrays[Type] {
    return viewOf(type, this.buffer, byteOffset, length);
  }

  /** A copy of `array` inside this memory. @throws AnantError `E_OUT_OF_MEMORY` */
  copy<Source extends KernelArray>(array: Source): Source {
    const type = TYPES.find((candidate) => isArrayOf(candidate, array));
    if (!type) throw new TypeError('KernelMemory.copy takes a typed array of a kernel element type.');
    const view = this.take(type, array.length);
    view.set(array);
    return view as Source;
  }

  /** Byte offset of a zeroed, 64-byte aligned range. @throws AnantError `E_OUT_OF_MEMORY` */
  allocateBytes(bytes: number): number {
    const { offset, freshFrom } = this.#take(bytes);
    // Whole words: V8 fills bytes of a shared memory three times slower. Blocks are padded, so the last word is ours.
    new Float64Array(this.buffer, offset, Math.ceil((freshFrom - offset) / 8)).fill(0);
    return offset;
  }

  /** As `allocateBytes`, but the range holds whatever was there. @throws AnantError `E_OUT_OF_MEMORY` */
  takeBytes(bytes: number): number {
    return this.#take(bytes).offset;
  }

  #take(bytes: number): Allocation {
    this.growTo(this.#allocator.endOf(bytes));
    return this.#allocator.allocate(bytes);
  }

  /**
   * Gives an array back. Its bytes may be handed out again: every view of them must be dropped.
   * @throws TypeError when `array` is not a live array of this memory.
   */
  free(array: KernelArray): void {
    const mine = KernelMemory.of(array) === this;
    if (!mine || !this.#allocator.free(array.byteOffset)) {
      throw new TypeError(
        'KernelMemory.free takes an array that allocate of the same memory returned, once.',
      );
    }
  }

  /** Gives back a range by its offset. @throws TypeError when none starts there. */
  freeBytes(byteOffset: number): void {
    if (!this.#allocator.free(byteOffset)) throw new TypeError(`No live range starts at ${byteOffset}.`);
  }

  /** Makes the memory at least `bytes` long. @throws AnantError `E_OUT_OF_MEMORY` */
  growTo(bytes: number): void {
    const missing = pagesOf(bytes) - this.memory.buffer.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    const room = this.maximumPages - this.memory.buffer.byteLength / PAGE_BYTES;
    if (missing > room) throw outOfMemory(bytes, this.maximumPages);
    try {
      this.memory.grow(Math.min(room, Math.ceil(missing / GROWTH_PAGES) * GROWTH_PAGES));
    } catch (cause) {
      throw outOfMemory(bytes, this.maximumPages, cause);
    }
  }
}

const TYPES = ['u8[]', 'u16[]', 'i32[]', 'u32[]', 'f32[]', 'f64[]'] as const;

/** @throws RangeError */
function bytesOf(type: KernelArrayType, length: number): number {
  if (Number.isSafeInteger(length) && length >= 0) return length * elementBytes(type);
  throw new RangeError(`The length of a kernel array must be a whole number from 0, not ${length}.`);
}

export const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES);

export function outOfMemory(bytes: number, maximumPages: number, cause?: unknown): AnantError {
  return new AnantError(
    'E_OUT_OF_MEMORY',
    `A kernel memory needs ${bytes} bytes but may have at most ${maximumPages * PAGE_BYTES}.`,
    { cause, advice: 'Free arrays that are no longer needed, or declare a larger maximum memory.' },
  );
}

function checkSize(name: string, bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= PAGES_MAX * PAGE_BYTES) return bytes;
  throw new RangeError(`${name} must be a whole number of bytes up to 4 GiB, not ${bytes}.`);
}
