/** Portable values, TypeScript → Python → TypeScript: what comes back is identical. */
import { ObjectRef } from '@anant/core';
import { decodeValue, encodeValue, Tensor } from '@anant/core/codec';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portableValue, VECTORS } from './support/portable-values.js';
import { PythonEcho } from './support/python-echo.js';

const { ANANT_PYTHON } = process.env;
const title = ANANT_PYTHON ? 'through Python' : 'through Python (skipped: ANANT_PYTHON names no interpreter)';

describe.skipIf(!ANANT_PYTHON)(title, () => {
  let python: PythonEcho;
  beforeAll(() => {
    python = new PythonEcho(ANANT_PYTHON!);
  });
  afterAll(() => python?.close());

  it('random values come back identical', async () => {
    await fc.assert(
      fc.asyncProperty(portableValue({ Tensor, ObjectRef }), async (value) => {
        const sent = encodeValue(value);
        const [body, ...buffers] = await python.echo([sent.body, ...sent.buffers]);
        expect(decodeValue(body!, buffers)).toStrictEqual(value);
        // The encoding is canonical, so both halves write the same bytes.
        expect(body!.equals(sent.body)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('golden values come back byte for byte', async () => {
    for (const { name, body, buffers } of VECTORS.encodes) {
      const parts = [body, ...buffers];
      const reply = await python.echo(parts.map((hex) => Buffer.from(hex, 'hex')));
      expect(
        reply.map((part) => part.toString('hex')),
        name,
      ).toEqual(parts);
    }
  });

  it('large arrays come back', async () => {
    const array = Float64Array.from({ length: 100_000 }, (_, index) => Math.sin(index));
    const sent = encodeValue({ array, matrix: new Tensor([100, 1000], array) });
    const [body, ...buffers] = await python.echo([sent.body, ...sent.buffers]);
    expect(decodeValue(body!, buffers)).toEqual({ array, matrix: new Tensor([100, 1000], array) });
  });
});
