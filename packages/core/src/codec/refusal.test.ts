/** What is not portable is refused by path, alike whether it is checked, cloned or encoded. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { ObjectRef } from '../contract/index.js';
import { checkPortable, clonePortable, encodeValue, Tensor } from './index.js';

class Point {
  x = 1;
}
const cycle: Record<string, unknown> = { name: 'a' };
cycle.inner = { list: [cycle] };
const detached = new Float64Array(2);
structuredClone(detached, { transfer: [detached.buffer] });
const sparse: unknown[] = [1];
sparse[2] = 3;

const REFUSED: readonly (readonly [value: unknown, message: string])[] = [
  [() => 1, 'input cannot be carried to every backend: it is a function'],
  [
    { rows: [1, 2, 3, { when: Symbol('x') }] },
    'input.rows[3].when cannot be carried to every backend: it is a symbol',
  ],
  [{ 'a b': new Point() }, 'input["a b"] cannot be carried to every backend: it is an instance of Point'],
  [[new Set()], 'input[0] cannot be carried to every backend: it is an instance of Set'],
  [[/x/], 'input[0] cannot be carried to every backend: it is an instance of RegExp'],
  [new WeakMap(), 'an instance of WeakMap'],
  [new ArrayBuffer(1), 'an instance of ArrayBuffer'],
  [new DataView(new ArrayBuffer(1)), 'an instance of DataView'],
  [new Uint8ClampedArray(1), 'an instance of Uint8ClampedArray'],
  [new (class Sub extends Float64Array {})(1), 'an instance of Sub'],
  [new (class Sub extends Map {})(), 'an instance of Sub'],
  [new (class Sub extends Array {})(), 'an instance of Sub'],
  [Promise.resolve(), 'an instance of Promise'],
  [new Error('x'), 'an instance of Error'],
  [Object.create({ a: 1 }), 'an object with a prototype of its own'],
  [Object.setPrototypeOf({}, Date.prototype), 'an instance of Date'],
  [Object.setPrototypeOf({}, Map.prototype), 'an instance of Map'],
  [new Date(Number.NaN), 'an invalid Date'],
  [Object.assign(new Date(0), { zone: 'x' }), 'a Date with properties of its own'],
  [Object.assign(new Map(), { extra: 1 }), 'a Map with properties besides its entries'],
  ['\ud800', 'half a surrogate pair'],
  [
    { a: ['\udfff'] },
    'input.a[0] cannot be carried to every backend: it is a string with half a surrogate pair',
  ],
  [{ '\ud800': 1 }, 'its key is a string with half a surrogate pair'],
  [2n ** 64n, 'a bigint outside −2^63 … 2^64−1'],
  [{ n: -(2n ** 63n) - 1n }, 'input.n cannot be carried'],
  [sparse, 'input[1] cannot be carried to every backend: it is a hole in a sparse array'],
  [Object.assign([1], { extra: 1 }), 'an array with the property "extra" besides its elements'],
  ['ab'.match(/a/), 'an array with the property "index" besides its elements'],
  [{ [Symbol('s')]: 1 }, 'it has a symbol as key'],
  [JSON.parse('{"__proto__": 1}'), 'the key __proto__ is not allowed'],
  [
    {
      a: {
        get b() {
          throw new Error('called');
        },
      },
    },
    'input.a.b cannot be carried to every backend: it is a getter or setter',
  ],
  [cycle, 'input.inner.list[0] cannot be carried to every backend: it contains itself: it is input again'],
  [
    new Map([['k', cycle]]),
    'input.get("k").inner.list[0] cannot be carried to every backend: it contains itself: it is input.get("k") again',
  ],
  [new Map([[3, { x: Symbol() }]]), 'input.get(3).x cannot be carried'],
  [new Map([[3n, Symbol()]]), 'input.get(3n) cannot be carried'],
  [new Map([[Number.NaN, 1]]), 'a Map with NaN as key'],
  [new Map([[null, 1]]), 'a Map with null'],
  [new Map([[{}, 1]]), 'a Map with a key of type object'],
  [new Map([[undefined, 1]]), 'a Map with a key of type undefined'],
  [new Map([['\ud800', 1]]), 'a Map with half a surrogate pair in a key'],
  [new Map([[2n ** 64n, 1]]), 'a bigint outside'],
  [
    new Map<unknown, unknown>([
      [1, 'a'],
      [true, 'b'],
    ]),
    'the keys 1 and true, which Python holds to be equal',
  ],
  [
    new Map<unknown, unknown>([
      [0n, 'a'],
      [false, 'b'],
    ]),
    'the keys 0n and false',
  ],
  [
    new Map<unknown, unknown>([
      [2 ** 60, 'a'],
      [2n ** 60n, 'b'],
    ]),
    'which Python holds to be equal',
  ],
  [detached, 'its memory was transferred away'],
  [new ObjectRef(5 as never, 'dask'), 'an ObjectRef without a proper id'],
];

describe('a refusal', () => {
  it.each(REFUSED.map(([value, message]) => ({ message, value: () => value })))(
    '$message',
    ({ message, value }) => {
      for (const refuse of [checkPortable, clonePortable, encodeValue]) {
        expect(() => refuse(value(), 'input')).toThrow(
          expect.objectContaining({
            code: 'E_VALUE_NOT_PORTABLE',
            message: expect.stringContaining(message),
          }),
        );
      }
    },
  );

  it('gives path and reason as details', () => {
    expect(() => checkPortable({ rows: [{ when: () => 0 }] }, 'result')).toThrow(
      expect.objectContaining({ details: { path: 'result.rows[0].when', reason: 'it is a function' } }),
    );
  });

  it('shortens the path of something very deep', () => {
    let deep: unknown = Symbol('x');
    for (let level = 0; level < 100; level++) deep = [deep];
    expect(() => checkPortable(deep, 'v')).toThrow(`v${'[0]'.repeat(8)}…${'[0]'.repeat(4)} cannot`);
  });

  it('leaves the encoder usable, and what it wrote before unseen', () => {
    expect(() => encodeValue({ secret: 'x'.repeat(100), bad: () => 0 })).toThrow();
    expect([...encodeValue(1).body]).toEqual([1]);
  });

  it('may happen inside an encoding that a proxy started', () => {
    const proxy = new Proxy([1], {
      get(target, key, receiver) {
        encodeValue('inner');
        return Reflect.get(target, key, receiver);
      },
    });
    expect([...encodeValue([proxy, 2]).body]).toEqual([0x92, 0x91, 1, 2]);
  });
});

describe('what is accepted', () => {
  it('without being an object literal', () => {
    const bare = Object.assign(Object.create(null), { a: 1 });
    expect(clonePortable({ bare })).toEqual({ bare: { a: 1 } });
    expect(clonePortable(runInNewContext('({ a: [1, { b: 2 }] })'))).toEqual({ a: [1, { b: 2 }] });
    expect(clonePortable(Object.freeze([Object.freeze({ a: 1 })]))).toEqual([{ a: 1 }]);
  });

  it('ignores what is not enumerable', () => {
    expect(clonePortable(Object.defineProperty({ a: 1 }, 'hidden', { value: () => 0 }))).toEqual({ a: 1 });
  });

  it('finds references in order', () => {
    const [one, two] = [new ObjectRef('1', 'dask'), new ObjectRef('2', 'dask')];
    expect(checkPortable({ a: [one], b: new Map([['x', two]]), c: one })).toEqual([one, two, one]);
    expect(checkPortable(one)).toEqual([one]);
    expect(checkPortable({ a: 1 })).toEqual([]);
    expect(checkPortable(5)).toEqual([]);
  });
});

describe('Tensor', () => {
  it('has a shape that fits its data', () => {
    expect(new Tensor([2, 2], new Float32Array(4))).toMatchObject({ dtype: 'f4', shape: [2, 2] });
    expect(() => new Tensor([2, 2], new Float32Array(3))).toThrow('has 4 elements, the data has 3');
    expect(() => new Tensor([3], new Float32Array(3))).toThrow('rank one');
    expect(() => new Tensor([2, -1], new Float32Array(2))).toThrow('is no shape');
    expect(() => new Tensor(new Array(33).fill(1), new Float32Array(1))).toThrow('at most 32 lengths');
    expect(() => new Tensor([2, 2], new Uint8ClampedArray(4) as never)).toThrow('numeric typed array');
  });
});
