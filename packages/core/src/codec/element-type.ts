/** The element types of typed arrays, by their names on the wire (little-endian, numpy's short names). */

export type NumericArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface NumericArrayConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
  readonly prototype: NumericArray;
}

export const ELEMENT_ARRAYS = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  u8: BigUint64Array,
  i8: BigInt64Array,
  f4: Float32Array,
  f8: Float64Array,
} as const satisfies Record<string, NumericArrayConstructor>;

/** `u` unsigned, `i` signed, `f` floating point, then the bytes per element. */
export type ElementType = keyof typeof ELEMENT_ARRAYS;

const BY_PROTOTYPE = new Map<object, ElementType>();
for (const [type, array] of Object.entries(ELEMENT_ARRAYS)) {
  BY_PROTOTYPE.set(array.prototype, type as ElementType);
}
BY_PROTOTYPE.set(Buffer.prototype, 'u1');

/** The element type by the prototype of an array, or `undefined` for subclasses and types that do not travel. */
export const elementTypeOf = (prototype: object | null): ElementType | undefined =>
  prototype === null ? undefined : BY_PROTOTYPE.get(prototype);

export const isElementType = (name: unknown): name is ElementType =>
  typeof name === 'string' && Object.hasOwn(ELEMENT_ARRAYS, name);

/** A typed array over `bytes`: a view where the alignment allows it, otherwise over a copy. */
export function viewElements(type: ElementType, bytes: Uint8Array): NumericArray {
  const Elements: NumericArrayConstructor = ELEMENT_ARRAYS[type];
  const size = Elements.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new Elements(buffer, byteOffset, byteLength / size);
}

/** The memory of a typed array, as bytes, without copying. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
