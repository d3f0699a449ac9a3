import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { tempFiles } from '../testing/temp-files.js';
import { detectFormat } from './detect-format.js';

const files = {
  'set-nverts.txt': '2\n0\n3\n',
  'set-simplices.txt': '7\n2\n2\n7\n4\n',
  'set-times.txt': '30\n10\n20\n',
  'set-node-labels.txt': '2 two words\n4 four\n7 seven\n9 nine\n',
};
const folderWith = (changes: Record<string, string | Uint8Array | undefined>): string => {
  const kept: Record<string, string | Uint8Array> = {};
  for (const [name, contents] of Object.entries({ ...files, ...changes }))
    if (contents !== undefined) kept[name] = contents;
  return tempFiles(kept);
};
const refusal = (line: number | undefined, reason: RegExp) =>
  expect.objectContaining({
    code: 'E_FILE_FORMAT',
    details: expect.objectContaining({ ...(line && { line }), reason: expect.stringMatching(reason) }),
  });

test('a set by its folder or by any of its files, with labels, lone vertices and an empty hyperedge', async () => {
  const folder = folderWith({});
  for (const path of [folder, join(folder, 'set-nverts.txt'), join(folder, 'set-times.txt')]) {
    expect((await detectFormat(path)).format).toBe('simplices');
    const graph = await Hypergraph.load(path);
    expect(graph.hyperedgeCount).toBe(3);
    expect([...graph.edgeToNodes.offsets]).toEqual([0, 2, 2, 5]);
    expect([0, 1, 2, 3].map((vertex) => graph.labelOf(vertex))).toEqual([
      'two words',
      'four',
      'seven',
      'nine',
    ]);
    expect(graph.vertices.indexOf(7)).toBe(2);
    expect(graph.degreeOf(3)).toBe(0);
    expect(graph.properties.hyperedges).toEqual({});
  }
});

test('times are kept when asked', async () => {
  const graph = await Hypergraph.load(folderWith({}), { properties: 'keep' });
  expect([...graph.properties.hyperedges.time!.values]).toEqual([30, 10, 20]);
});

test('gzip files, CRLF, and progress over all files together', async () => {
  const folder = tempFiles({
    'set-nverts.txt.gz': gzipSync('2\r\n1\r\n'),
    'set-simplices.txt.gz': gzipSync('5\r\n6\r\n5'),
  });
  const seen: number[] = [];
  const graph = await Hypergraph.load(folder, {
    onProgress: ({ bytesRead, bytesTotal }) => seen.push(bytesRead / bytesTotal),
  });
  expect(graph.incidenceCount).toBe(3);
  expect(graph.labelOf(1)).toBe('6');
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

describe('malformed sets', () => {
  test.each<[string, Record<string, string | undefined>, number | undefined, RegExp]>([
    ['too few members', { 'set-simplices.txt': '7\n2\n2\n' }, 4, /add up to 5 members, but this file has 3/],
    ['too many members', { 'set-simplices.txt': '7\n2\n2\n7\n4\n8\n' }, 6, /add up to 5 members.* has 6/],
    ['a negative size', { 'set-nverts.txt': '2\n-1\n3\n' }, 2, /"-1" is negative/],
    ['a fraction', { 'set-simplices.txt': '7\n2.5\n2\n7\n4\n' }, 2, /"2.5" is not an integer/],
    ['two numbers on a line', { 'set-simplices.txt': '7 2\n2\n7\n4\n' }, 1, /mixed separators/],
    ['text', { 'set-simplices.txt': '7\nx\n2\n7\n4\n' }, 2, /"x" is not an integer/],
    ['a blank line in the middle', { 'set-simplices.txt': '7\n2\n\n2\n7\n4\n' }, 3, /blank/],
    ['leading zeros', { 'set-simplices.txt': '7\n02\n2\n7\n4\n' }, 2, /leading zeros/],
    ['an id beyond 2^53', { 'set-simplices.txt': '7\n9007199254740992\n2\n7\n4\n' }, 2, /larger than/],
    ['a long line', { 'set-simplices.txt': `7\n${'1'.repeat(10_000_000)}\n` }, 2, /longer than 4096 bytes/],
    ['an empty file', { 'set-simplices.txt': '' }, undefined, /empty/],
    [
      'a label without an id',
      { 'set-node-labels.txt': '2 two\nfour\n' },
      2,
      /integer id, a space and a label/,
    ],
    ['a missing part', { 'set-simplices.txt': undefined }, undefined, /set-simplices\.txt.*missing/],
    ['a part twice', { 'set-nverts': '2\n' }, undefined, /several files for one part/],
    ['another set', { 'other-nverts.txt': '1\n' }, undefined, /several sets: other, set/],
  ])('%s', async (_, changes, line, reason) => {
    await expect(Hypergraph.load(folderWith(changes))).rejects.toEqual(refusal(line, reason));
  });

  test('times that are too few or too many, when they are read', async () => {
    for (const [times, line] of [
      ['1\n2\n', 3],
      ['1\n2\n3\n4\n', 4],
    ] as const) {
      const folder = folderWith({ 'set-times.txt': times });
      await expect(Hypergraph.load(folder, { properties: 'keep' })).rejects.toEqual(
        refusal(line, /has 3 hyperedges/),
      );
    }
  });

  test('no set at all', async () => {
    const folder = tempFiles({ 'a.txt': '1\n' });
    await expect(Hypergraph.load(folder, { format: 'simplices' })).rejects.toEqual(
      refusal(undefined, /neither/),
    );
  });
});
