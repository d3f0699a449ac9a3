import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWasm } from './wasm-reader.js';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0);
    bytes.push(isLast ? byte : byte | 0x80);
    if (isLast) return bytes;
  }
}

const section = (id: number, contents: readonly number[]): number[] => [
  id,
  ...unsigned(contents.length),
  ...contents,
];

test('sections of any length are passed, and what follows them is read', () => {
  fc.assert(
    fc.property(fc.nat(70_000), fc.integer(), fc.boolean(), (length, value, mutable) => {
      const custom = section(0, [1, 0x61, ...new Array<number>(length).fill(0)]);
      const globals = section(6, [1, 0x7f, mutable ? 1 : 0, 0x41, ...signed(value), 0x0b]);
      const data = section(11, [1, 0, 0x41, 0, 0x0b, 1, 0]);
      const bytes = Uint8Array.from([...HEADER, ...custom, ...globals, ...custom, ...data]);
      expect(WebAssembly.validate(Uint8Array.from([...HEADER, ...custom, ...globals]))).toBe(true);
      expect(readWasm(bytes)).toMatchObject({ hasData: true, globals: [{ mutable, i32: value >>> 0 }] });
    }),
    { numRuns: 200 },
  );
});

test('limits of an imported memory are read as they are', () => {
  fc.assert(
    fc.property(fc.nat(65_536), fc.nat(65_536), (a, b) => {
      const [initial, maximum] = [Math.min(a, b), Math.max(a, b)];
      const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
      const memory = [0x02, 0x03, ...unsigned(initial), ...unsigned(maximum)];
      const bytes = Uint8Array.from([
        ...HEADER,
        ...section(2, [1, ...name('env'), ...name('memory'), ...memory]),
      ]);
      expect(WebAssembly.validate(bytes)).toBe(true);
      expect(readWasm(bytes).imports).toMatchObject([
        { limits: { initial, maximum, shared: true, is64: false } },
      ]);
    }),
  );
});
