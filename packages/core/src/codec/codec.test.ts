import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nested, portableValue, VECTORS, vectorValue } from '../../../../test/support/portable-values.js';
import { ObjectRef } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import {
  checkPortable,
  clonePortable,
  decodeMessage,
  decodeValue,
  encodedBytes,
  encodeMessage,
  encodeValue,
  Tensor,
} from './index.js';

const CLASSES = { Tensor, ObjectRef };
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

describe('golden values', () => {
  it.each(VECTORS.encodes)('$name', ({ value: description, body, buffers }) => {
    const value = vectorValue(description, CLASSES);
    const encoded = encodeValue(value);
    expect(hexOf(encoded.body)).toBe(body);
    expect(encoded.buffers.map(hexOf)).toEqual(buffers);
    expect(decodeValue(bytesOf(body), buffers.map(bytesOf))).toStrictEqual(value);
  });

  it.each(VECTORS.refused)('refuses $name', ({ body, buffers }) => {
    expect(() => decodeValue(bytesOf(body), buffers.map(bytesOf))).toThrow(
      expect.objectContaining({ code: 'E_PROTOCOL' }),
    );
  });
});

describe('round trips', () => {
  it('keep every portable value, and its canonical bytes', () => {
    fc.assert(
      fc.property(portableValue(CLASSES), (value) => {
        const { body, buffers } = encodeValue(value);
        const decoded = decodeValue(body, buffers);
        expect(decoded).toStrictEqual(value);
        expect(hexOf(encodeValue(decoded).body)).toBe(hexOf(body));
      }),
      { numRuns: 500 },
    );
  });

  it('hold over clonePortable, which shares no memory', () => {
    fc.assert(
      fc.property(portableValue(CLASSES), (value) => {
        checkPortable(value);
        expect(clonePortable(value)).toStrictEqual(value);
      }),
      { numRuns: 200 },
    );
    const array = new Float64Array(4);
    const copy = clonePortable({ array, buffer: Buffer.from('ab') });
    expect(copy.array.buffer).not.toBe(array.buffer);
    expect(copy.buffer.constructor).toBe(Uint8Array);
  });

  it('keep large bodies: strings, many keys, growing buffers', () => {
    const value = {
      text: 'ü'.repeat(100_000),
      ascii: 'x'.repeat(3_000_000),
      rows: Array.from({ length: 70_000 }, (_, index) => ({ index, name: `n${index}` })),
      map: new Map(Array.from({ length: 5000 }, (_, index) => [index, new Map([[index, 'deep']])])),
    };
    const { body, buffers } = encodeValue(value);
    expect(decodeValue(body, buffers)).toEqual(value);
  });
});

describe('out of band', () => {
  it('does not copy on encoding', () => {
    const array = new Float64Array(1000);
    const { buffers } = encodeValue({ array: array.subarray(10, 20) });
    expect(buffers).toHaveLength(1);
    expect(buffers[0]).toMatchObject({ byteOffset: 80, byteLength: 80 });
    expect(buffers[0]!.buffer).toBe(array.buffer);
  });

  it('gives views where the alignment allows it, and copies otherwise', () => {
    const { body } = encodeValue(new Float64Array([1, 2]));
    const memory = new Uint8Array(32);
    new Float64Array(memory.buffer, 8, 2).set([1, 2]);
    const view = decodeValue(body, [memory.subarray(8, 24)]) as Float64Array;
    expect(view).toEqual(new Float64Array([1, 2]));
    expect(view.buffer).toBe(memory.buffer);
    const shifted = new Uint8Array(25);
    shifted.set(memory.subarray(8, 24), 9);
    const copy = decodeValue(body, [shifted.subarray(9)]) as Float64Array;
    expect(copy).toEqual(new Float64Array([1, 2]));
    expect(copy.buffer).not.toBe(shifted.buffer);
  });

  it('takes arrays in shared memory', () => {
    const shared = new Int32Array(new SharedArrayBuffer(8));
    expect(encodeValue(shared).buffers[0]!.buffer).toBe(shared.buffer);
  });

  it('counts its bytes', () => {
    const encoded = encodeValue([new Uint8Array(5000), new Float32Array(10)]);
    expect(encodedBytes(encoded)).toBe(encoded.body.length + 5040);
  });
});

describe('messages', () => {
  it('keep bytes of any length inside', () => {
    const message = ['submit', { value: [new Uint8Array(10_000), 2], files: [] }];
    expect(decodeMessage(encodeMessage(message))).toEqual(message);
  });

  it('refuse arrays', () => {
    expect(() => encodeMessage({ a: new Float64Array(1) })).toThrow('message.a cannot be carried');
  });
});

describe('hostile bytes', () => {
  const outcome = (body: Uint8Array, buffers: readonly Uint8Array[] = []) => {
    try {
      decodeValue(body, buffers);
      return 'value';
    } catch (error) {
      if (!AnantError.is(error, 'E_PROTOCOL')) throw error;
      return 'refused';
    }
  };

  it('never do more than raise E_PROTOCOL', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.uint8Array(), { maxLength: 2 }),
        (body, buffers) => {
          expect(['value', 'refused']).toContain(outcome(body, buffers));
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('in damaged values neither', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
    fc.assert(
      fc.property(portableValue(CLASSES), damage, fc.nat(), (value, changes, cut) => {
        const { body, buffers } = encodeValue(value);
        const damaged = body.slice();
        for (const [position, byte] of changes) damaged[position % body.length] = byte;
        outcome(damaged, buffers);
        expect(outcome(body.subarray(0, cut % body.length), buffers)).toBe('refused');
      }),
      { numRuns: 1000 },
    );
  });

  it('cannot touch a prototype', () => {
    const body = encodeValue({ __proto_x: { polluted: true } }).body;
    const poisoned = Buffer.from(body);
    Buffer.from('__proto__').copy(poisoned, poisoned.indexOf('__proto_x'));
    expect(() => decodeValue(poisoned)).toThrow('__proto__');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('say where and what', () => {
    expect(() => decodeValue(bytesOf('92c0'))).toThrow(
      expect.objectContaining({
        details: { position: 1, bytes: 2, problem: expect.stringContaining('2 more bytes') },
      }),
    );
  });

  it('cannot exhaust the stack: nesting has its limit on both sides', () => {
    expect(decodeValue(encodeValue(nested(128)).body)).toEqual(nested(128));
    expect(() => encodeValue(nested(129))).toThrow('nested deeper than 128');
    expect(outcome(new Uint8Array(1_000_000).fill(0x91))).toBe('refused');
  });
});
