/** The element types of kernel arrays: their JavaScript classes, by the names used in signatures. */
import type { KernelArrayType, KernelScalarType } from '../contract/index.js';

/** Array type name to JavaScript type. */
export interface KernelArrays {
  'u8[]': Uint8Array;
  'u16[]': Uint16Array;
  'i32[]': Int32Array;
  'u32[]': Uint32Array;
  'f32[]': Float32Array;
  'f64[]': Float64Array;
}

export type KernelArray = KernelArrays[KernelArrayType];

/** Every array a kernel sees starts at a multiple of this, in bytes. */
export const KERNEL_ALIGN_BYTES = 64;

interface KernelArrayConstructor<Type extends KernelArrayType> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): KernelArrays[Type];
}

const CONSTRUCTORS: { readonly [Type in KernelArrayType]: KernelArrayConstructor<Type> } = {
  'u8[]': Uint8Array,
  'u16[]': Uint16Array,
  'i32[]': Int32Array,
  'u32[]': Uint32Array,
  'f32[]': Float32Array,
  'f64[]': Float64Array,
};

/** Bytes of one element. */
export function elementBytes(type: KernelArrayType): number {
  return CONSTRUCTORS[type].BYTES_PER_ELEMENT;
}

/** A typed-array view of `length` elements at `byteOffset` of a memory's buffer. */
export function viewOf<Type extends KernelArrayType>(
  type: Type,
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
): KernelArrays[Type] {
  const Constructor: KernelArrayConstructor<Type> = CONSTRUCTORS[type];
  return new Constructor(buffer, byteOffset, length);
}

/** A copy that is no view of any memory. By the constructor: `slice` of an array in shared memory takes twice as long. */
export function copyArray<Source extends KernelArray>(array: Source): Source {
  const Constructor = array.constructor as new (source: Source) => Source;
  return new Constructor(array);
}

/** True when `value` is a typed array of exactly the element type; `Buffer` counts as `u8[]`. */
export function isArrayOf<Type extends KernelArrayType>(
  type: Type,
  value: unknown,
): value is KernelArrays[Type] {
  return ArrayBuffer.isView(value) && tagOf(value) === CONSTRUCTORS[type].name;
}

export function isArrayType(type: KernelScalarType | KernelArrayType): type is KernelArrayType {
  return Object.hasOwn(CONSTRUCTORS, type);
}

const tagOf = (view: ArrayBufferView): unknown =>
  (view as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];

/** Rounds up to the alignment of kernel arrays. */
export function alignUp(bytes: number): number {
  return Math.ceil(bytes / KERNEL_ALIGN_BYTES) * KERNEL_ALIGN_BYTES;
}
