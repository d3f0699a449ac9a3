/** Portable values to try: every corner of docs/values.md by hand, and endless others from a seed. */
import { ELEMENT_ARRAYS } from '../codec/element-type.js';
import { Tensor } from '../codec/index.js';
import type { Random } from '../contract/index.js';
import { randomInteger } from '../testing/seeded-random.js';

/** Values at the edges of each type of the profile. */
export function cornerValues(): readonly unknown[] {
  return [
    ...[null, undefined, true, false, '', 'text', '\u0000', 'ß漢字😀', '\u{10ffff}', 'a'.repeat(70_000)],
    ...[0, -0, 1, -1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, -(2 ** 31) - 1],
    ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, 2 ** 63, 2 ** 64, 1e300, -1e300],
    ...[0.1, -2.5, Number.MIN_VALUE, Number.EPSILON, Number.NaN, Infinity, -Infinity],
    ...[0n, 1n, -1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n],
    ...[
      new Date(0),
      new Date(-1),
      new Date(Date.UTC(2026, 10, 23, 12, 0, 0, 123)),
      new Date(253_402_300_799_999),
    ],
    ...[new Uint8Array(0), new Uint8Array([0, 255]), new Uint8Array(5000).fill(7)],
    ...[[], [[]], [null, [undefined, [1]]], {}, { a: undefined, b: null }, { '': 1, 'ключ 😀': 2, '1': 3 }],
    { toString: 1, constructor: 2, hasOwnProperty: 3 },
    new Map(),
    new Map<unknown, unknown>([
      ['a', 1],
      [2, 'b'],
      [-3.5, true],
      [10n ** 12n, null],
      [false, new Map([[1, 1]])],
    ]),
    nested(100),
  ];
}

/** One array of every element type and several lengths, and tensors of rank 0, 2 and 3. */
export function arrayValues(): readonly unknown[] {
  const arrays = Object.values(ELEMENT_ARRAYS).flatMap((Elements) =>
    [0, 1, 1000].map((length) => patterned(new Elements(length) as PatternedArray)),
  );
  return [
    ...arrays,
    new Float64Array([Number.NaN, -0, Infinity, -Infinity, Number.MIN_VALUE]),
    new Float64Array([1, 2, 3, 4]).subarray(1, 3),
    new Tensor([], new Float64Array([42])),
    new Tensor([2, 3], new Float32Array([1, 2, 3, 4, 5, 6])),
    new Tensor([2, 0, 3], new Int32Array(0)),
    new Tensor([2, 2, 2], new BigInt64Array([0n, 1n, -1n, 2n ** 62n, 4n, 5n, 6n, 7n])),
    {
      first: new Int16Array([1, -2]),
      second: [new Uint32Array([3])],
      third: new Map([['x', new Uint8Array(9)]]),
    },
  ];
}

type PatternedArray = Uint8Array | Float64Array | BigInt64Array;

function patterned(array: PatternedArray): PatternedArray {
  for (let index = 0; index < array.length; index++) {
    array[index] = (
      array instanceof BigInt64Array || array instanceof BigUint64Array ? BigInt(index * 7) : index * 7
    ) as never;
  }
  return array;
}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { next: value };
  return value;
}

/** A random portable value of limited size. Equal generators give equal values. */
export function randomPortable(random: Random, depth = 4): unknown {
  const choices = depth > 0 ? 16 : 12;
  switch (randomInteger(random, choices)) {
    case 0:
      return null;
    case 1:
      return undefined;
    case 2:
      return random() < 0.5;
    case 3:
      return randomInteger(random, 1000) - 500;
    case 4:
      return Math.trunc((random() - 0.5) * Number.MAX_SAFE_INTEGER * 2);
    case 5:
      return randomDouble(random);
    case 6:
      return randomBigInt(random);
    case 7:
    case 8:
      return randomText(random);
    case 9:
      return new Date(Math.trunc((random() - 0.5) * 4e12));
    case 10:
      return Uint8Array.from({ length: randomInteger(random, 40) }, () => randomInteger(random, 256));
    case 11:
      return randomArray(random);
    case 12:
    case 13:
      return Array.from({ length: randomInteger(random, 6) }, () => randomPortable(random, depth - 1));
    case 14:
      return Object.fromEntries(
        Array.from({ length: randomInteger(random, 6) }, () => [
          `${randomText(random)}_`,
          randomPortable(random, depth - 1),
        ]),
      );
    default:
      // Keys differ by their number, so that none of them is equal to another one in Python.
      return new Map(
        Array.from({ length: randomInteger(random, 5) }, (_, index) => [
          random() < 0.5 ? `key ${index}` : index + 2,
          randomPortable(random, depth - 1),
        ]),
      );
  }
}

function randomDouble(random: Random): number {
  const view = new DataView(new ArrayBuffer(8));
  for (let byte = 0; byte < 8; byte++) view.setUint8(byte, randomInteger(random, 256));
  const value = view.getFloat64(0);
  return Number.isNaN(value) ? Number.NaN : value;
}

function randomBigInt(random: Random): bigint {
  let value = 0n;
  for (let byte = 0; byte < 8; byte++) value = (value << 8n) | BigInt(randomInteger(random, 256));
  return random() < 0.5 ? value : BigInt.asIntN(64, value);
}

function randomText(random: Random): string {
  return Array.from({ length: randomInteger(random, 12) }, () => {
    const point = randomInteger(random, random() < 0.7 ? 0x80 : 0x11_0000);
    return point >= 0xd800 && point <= 0xdfff ? '\ufffd' : String.fromCodePoint(point);
  }).join('');
}

function randomArray(random: Random): unknown {
  const types = Object.values(ELEMENT_ARRAYS);
  const Elements = types[randomInteger(random, types.length)]!;
  const array = new Elements(randomInteger(random, 2000));
  const bytes = new Uint8Array(array.buffer);
  for (let byte = 0; byte < bytes.length; byte++) bytes[byte] = randomInteger(random, 256);
  return array;
}
