/** Random portable values, and the golden ones of docs/value-vectors.json, for tests on either side of the wire. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/** The classes under test: from the sources in unit tests, from the packages elsewhere. */
export interface PortableClasses {
  readonly Tensor: new (shape: readonly number[], data: never) => object;
  readonly ObjectRef: new (id: string, backend: string) => object;
}

const ARRAYS = {
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
} as const;
type ElementType = keyof typeof ARRAYS;

const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const edges = [
  0,
  1,
  31,
  32,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 63,
];
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(...edges, ...edges.map((edge) => -edge), Number.NaN, 1e300),
);
const bigint = fc.oneof(
  fc.bigInt({ min: INT64_MIN, max: UINT64_MAX }),
  fc.constantFrom(0n, -1n, 2n ** 53n, INT64_MIN, UINT64_MAX, 2n ** 63n),
);
const date = fc.oneof(
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(-8.64e15, 8.64e15, 0).map((ms) => new Date(ms)),
);

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(255, 256, 4095, 4096, 5000).map((length) => new Uint8Array(length).fill(7)),
);

function elements(type: ElementType, length: number): fc.Arbitrary<ArrayBufferView> {
  const size = { minLength: length, maxLength: length };
  if (type === 'u8') {
    return fc.array(fc.bigInt({ min: 0n, max: UINT64_MAX }), size).map((items) => BigUint64Array.from(items));
  }
  if (type === 'i8') {
    return fc
      .array(fc.bigInt({ min: INT64_MIN, max: 2n ** 63n - 1n }), size)
      .map((items) => BigInt64Array.from(items));
  }
  return fc.array(number, size).map((items) => ARRAYS[type].from(items));
}

/** A `Uint8Array` is bytes, not an array of numbers; only tensors have the element type u1. */
const TYPES = Object.keys(ARRAYS).filter((type) => type !== 'u1') as ElementType[];

const typedArray = fc
  .tuple(fc.constantFrom(...TYPES), fc.nat(9))
  .chain(([type, length]) => elements(type, length));

const tensor = ({ Tensor }: PortableClasses) =>
  fc
    .tuple(
      fc.constantFrom<ElementType>('u1', ...TYPES),
      fc.constantFrom<readonly number[]>([], [2, 3], [0, 2], [1, 2, 2]),
    )
    .chain(([type, shape]) =>
      elements(
        type,
        shape.reduce((product, length) => product * length, 1),
      ).map((data) => new Tensor(shape, data as never)),
    );

const key = fc.oneof(text, fc.boolean(), number, bigint);

/** Any portable value. Maps have no two keys that Python holds to be equal. */
export function portableValue(classes: PortableClasses): fc.Arbitrary<unknown> {
  const reference = fc.tuple(text, text).map(([id, backend]) => new classes.ObjectRef(id, backend));
  const leaf = fc.oneof(
    { arbitrary: fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.constant(undefined)), weight: 5 },
    { arbitrary: fc.oneof(bigint, date, bytes, typedArray, tensor(classes), reference), weight: 3 },
  );
  return fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5, depthSize: 'small' }, leaf, tie('array'), tie('record'), tie('map')),
    array: fc.oneof(
      fc.array(tie('value'), { maxLength: 6 }),
      fc.array(fc.integer(), { minLength: 14, maxLength: 18 }),
    ),
    record: fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 6, noNullPrototype: true },
    ),
    map: fc
      .uniqueArray(fc.tuple(key, tie('value')), { selector: ([name]) => pythonKey(name), maxLength: 6 })
      .map((entries) => new Map(entries.filter(([name]) => !Number.isNaN(name)))),
  })).value;
}

/** Equal for keys that are equal in Python. */
function pythonKey(name: unknown): string {
  if (typeof name === 'string') return `"${name}`;
  if (typeof name === 'boolean') return name ? '1' : '0';
  return typeof name === 'number' && Number.isInteger(name) ? String(BigInt(name)) : String(name);
}

interface Vectors {
  readonly encodes: readonly {
    readonly name: string;
    readonly value: unknown;
    readonly body: string;
    readonly buffers: readonly string[];
  }[];
  readonly refused: readonly {
    readonly name: string;
    readonly body: string;
    readonly buffers: readonly string[];
  }[];
}

/** The golden values, by the description that JSON can hold; `vectorValue` makes them. */
export const VECTORS = JSON.parse(
  readFileSync(new URL('../../docs/value-vectors.json', import.meta.url), 'utf8'),
) as Vectors;

/** The value that a description stands for; `$` marks what JSON cannot say. */
export function vectorValue(description: unknown, classes: PortableClasses): unknown {
  if (Array.isArray(description)) return description.map((item) => vectorValue(item, classes));
  if (typeof description !== 'object' || description === null) return description;
  const marked = description as Readonly<Record<string, never>> & { readonly $?: string };
  if (marked.$ !== undefined) return markedValue(marked.$, marked, classes);
  const entries = Object.entries(description).map(([name, item]) => [name, vectorValue(item, classes)]);
  return Object.fromEntries(entries);
}

function markedValue(
  mark: string,
  marked: Readonly<Record<string, never>>,
  classes: PortableClasses,
): unknown {
  switch (mark) {
    case 'undefined':
      return undefined;
    case 'float':
      return Number(marked.value);
    case 'bigint':
      return BigInt(marked.value!);
    case 'repeat':
      return String(marked.text).repeat(marked.count!);
    case 'bytes':
      return new Uint8Array(Buffer.from(String(marked.hex).repeat(marked.count ?? 1), 'hex'));
    case 'date':
      return new Date(marked.ms!);
    case 'map':
      return new Map(vectorValue(marked.entries, classes) as [unknown, unknown][]);
    case 'array':
      return parseElements(marked.dtype!, marked.values!);
    case 'tensor':
      return new classes.Tensor(marked.shape!, parseElements(marked.dtype!, marked.values!) as never);
    case 'reference':
      return new classes.ObjectRef(marked.id!, marked.backend!);
    case 'nested':
      return nested(marked.depth!);
    default:
      throw new Error(`Unknown mark ${mark}`);
  }
}

function parseElements(type: ElementType, values: readonly string[]): ArrayBufferView {
  if (type === 'u8' || type === 'i8') return ARRAYS[type].from(values.map(BigInt));
  return ARRAYS[type].from(values.map(Number));
}

/** Arrays inside each other. */
export function nested(depth: number): unknown[] {
  let value: unknown[] = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}
