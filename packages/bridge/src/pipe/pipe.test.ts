import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameParts } from './frame-parts.js';
import { PIPE_HEAD_BYTES_MAX } from './limits.js';
import { PartReader, type Parts } from './part-reader.js';

const part = fc.uint8Array({ maxLength: 64 });
const message = fc.record({ head: part, buffers: fc.array(part, { maxLength: 4 }) });

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(chunks));
}

describe('the pipe framing', () => {
  it('reads what was written, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(400)), (messages, cuts) => {
        const bytes = concat(messages.flatMap(({ head, buffers }) => frameParts(head, buffers)));
        const read: Parts[] = [];
        const reader = new PartReader((parts) => read.push(parts));
        const marks = [
          0,
          ...cuts.filter((cut) => cut < bytes.byteLength).sort((a, b) => a - b),
          bytes.byteLength,
        ];
        for (let at = 1; at < marks.length; at += 1) reader.feed(bytes.subarray(marks[at - 1], marks[at]));
        expect(read).toEqual(messages.map(({ head, buffers }) => [head, ...buffers]));
      }),
    );
  });

  it('gives every part memory of its own, so that it can be transferred', () => {
    const read: Parts[] = [];
    const reader = new PartReader((parts) => read.push(parts));
    reader.feed(concat(frameParts(new Uint8Array([1]), [new Uint8Array([2, 3])])));
    expect(read[0]?.map(({ buffer, byteLength }) => [buffer.byteLength, byteLength])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('stops at a message that exceeds a bound instead of allocating it', () => {
    const header = new DataView(new ArrayBuffer(8));
    header.setUint32(0, 1, true);
    header.setUint32(4, PIPE_HEAD_BYTES_MAX + 1, true);
    expect(() => new PartReader(() => {}).feed(new Uint8Array(header.buffer))).toThrow(RangeError);
    expect(() => new PartReader(() => {}).feed(new Uint8Array(4))).toThrow(RangeError);
    expect(() => new PartReader(() => {}).feed(new Uint8Array(4).fill(255))).toThrow(RangeError);
  });
});
