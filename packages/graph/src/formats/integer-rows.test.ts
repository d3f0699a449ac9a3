import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { contentsOf } from '../testing/same-graph.js';
import { tempFile } from '../testing/temp-files.js';
import type { ByteSource } from './byte-source.js';
import { IntegerRows } from './integer-rows.js';

test('takes whole lines of integers, and stops before anything else', () => {
  const rows: number[][] = [];
  const reader = new IntegerRows(44, 100, (values, count) => {
    if (values[0] === 99) return false;
    rows.push([...values.subarray(0, count)]);
    return true;
  });
  const source = { line: 1 } as ByteSource;
  const advance = (text: string) => reader.advance(source, Buffer.from(text), 0);
  expect(advance('1,2\r\n3\n4,5')).toBe(7);
  expect([rows, source.line, reader.rows]).toEqual([[[1, 2], [3]], 3, 2]);
  for (const other of [
    '1,,2\n',
    ',1\n',
    '1,\n',
    '01\n',
    '-1\n',
    '1 2\n',
    '1;2\n',
    'a\n',
    '\n',
    '1\r2\n',
    '99\n',
    '1234567890123456\n',
  ]) {
    expect(advance(other)).toBe(0);
  }
  expect(advance('7,8\nx')).toBe(4);
});

test('rows are the same whether a line is read the fast way or not', async () => {
  const row = fc.array(fc.nat(300), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(' ', '\t', ','),
      async (rows, mark) => {
        const options = { format: 'hyperedges', ids: 'integer' } as const;
        const plain = rows.map((ids) => ids.join(mark)).join('\n');
        // A space at the end of a line, or around a comma, is what the fast way leaves alone.
        const spaced = rows
          .map((ids) => (mark === '\t' ? ids.join(mark) : `${ids.join(mark === ' ' ? '  ' : ' , ')} `))
          .join('\r\n');
        const fast = await Hypergraph.load(tempFile('fast.txt', `${plain}\n`), options);
        const slow = await Hypergraph.load(tempFile('slow.txt', spaced), options);
        expect(contentsOf(fast)).toEqual(contentsOf(slow));
      },
    ),
    { numRuns: 60 },
  );
});

test('a line that cannot be used is named by its number, after any number of others', async () => {
  const text = `${'1,2\n'.repeat(70_000)}1,x\n`;
  const options = { format: 'incidences' } as const;
  await expect(Hypergraph.load(tempFile('rows.csv', text), options)).rejects.toThrow('rows.csv:70001: ');
  const skipped = await Hypergraph.load(tempFile('rows.csv', text), { ...options, badLines: 'skip' });
  expect(skipped.source.warnings.join()).toContain('1 lines were skipped (badLines); the first: ');
});
