import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { AnantError, KernelMemory } from '@anant/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../hypergraph.js';
import { contentsOf } from '../testing/same-graph.js';
import { tempFile, tempFiles } from '../testing/temp-files.js';
import { HEADER_BYTES } from './layout.js';

const id = fc.oneof(fc.nat(40), fc.integer(), fc.string({ unit: 'grapheme', maxLength: 4 }));

test('a saved graph opens as it was, whatever its ids', async () => {
  const path = join(tempFiles({}), 'graph.anant');
  const lists = fc.array(fc.array(id, { maxLength: 5 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lists, fc.array(id, { maxLength: 5 }), async (hyperedges, vertices) => {
      using graph = Hypergraph.from(hyperedges, { vertices });
      await graph.save(path);
      using opened = await Hypergraph.open(path);
      expect(contentsOf(opened)).toEqual(contentsOf(graph));
      expect(opened.source).toEqual({ format: 'anant', paths: [path], warnings: graph.source.warnings });
    }),
    { numRuns: 60 },
  );
});

test('properties, labels and kind survive, and load tells the format', async () => {
  const hif = tempFile(
    'graph.json',
    JSON.stringify({
      'network-type': 'directed',
      nodes: [{ node: 'a', weight: 2 }, { node: 9 }],
      edges: [{ edge: 'e', weight: 0.5 }],
      incidences: [
        { edge: 'e', node: 'a', direction: 'tail', weight: 3 },
        { edge: 'e', node: 'b', direction: 'head' },
      ],
    }),
  );
  const facts = tempFile('facts.tsv', 'born\tada\tlondon\nknows\tada\tada\tbabbage\tmary\n');
  for (const source of [hif, facts]) {
    const graph = await Hypergraph.load(source, { properties: 'keep' });
    const path = `${source}.anant`;
    await graph.save(path);
    const opened = await Hypergraph.load(path);
    expect(contentsOf(opened)).toEqual(contentsOf(graph));
    expect(opened.source.format).toBe('anant');
  }
});

test('labels of vertices survive', async () => {
  const folder = tempFiles({
    's-nverts.txt': '2\n1\n',
    's-simplices.txt': '1\n3\n3\n',
    's-node-labels.txt': '1 one\n2 two\n',
    's-times.txt': '5\n7\n',
  });
  const graph = await Hypergraph.load(folder, { properties: 'keep' });
  await graph.save(join(folder, 'x.anant'));
  const opened = await Hypergraph.open(join(folder, 'x.anant'));
  expect(opened.labelOf(opened.vertexLabelled('two'))).toBe('two');
  expect(contentsOf(opened)).toEqual(contentsOf(graph));
});

describe('a file that cannot be used', () => {
  const saved = async (): Promise<string> => {
    const path = join(tempFiles({}), 'graph.anant');
    await Hypergraph.from([['a', 'b', 7], ['b'], []]).save(path);
    return path;
  };
  const failure = async (path: string, memory?: KernelMemory) =>
    Hypergraph.open(path, memory ? { memory } : {}).then(
      () => undefined,
      (error) => error,
    );

  test('of another kind is told apart', async () => {
    const error = await failure(tempFile('graph.tsv', 'a\tb\nb\tc\n'));
    expect(error).toMatchObject({ code: 'E_FILE_FORMAT' });
    expect(error.message).toContain('no .anant file');
    expect(error.advice).toContain('Hypergraph.load');
  });

  test('of another version names both versions', async () => {
    const path = await saved();
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(9, 8);
    writeFileSync(path, bytes);
    const error = await failure(path);
    expect(error).toMatchObject({ code: 'E_FILE_FORMAT' });
    expect(error.message).toContain('version 9 of the format; this release reads version 1');
  });

  test('that is missing', async () => {
    expect(await failure('/nowhere/graph.anant')).toMatchObject({ code: 'E_FILE_NOT_FOUND' });
  });

  test('truncated anywhere is refused, and the memory gets everything back', async () => {
    const path = await saved();
    const whole = readFileSync(path);
    const memory = new KernelMemory();
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole);
      truncateSync(path, length);
      expect(await failure(path, memory)).toMatchObject({ code: 'E_FILE_FORMAT' });
    }
    expect(memory.usedBytes).toBe(0);
  });

  test('with one flipped bit is refused, or the bit is padding', async () => {
    const path = await saved();
    const whole = readFileSync(path);
    const expected = contentsOf(await Hypergraph.open(path));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= 1 << bit;
        writeFileSync(path, bytes);
        const opened = await Hypergraph.open(path).catch((error) => error);
        if (AnantError.is(opened)) expect(opened.code).toBe('E_FILE_FORMAT');
        else expect(contentsOf(opened)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test('with sound checksums but offsets that fall is refused before a kernel sees it', async () => {
    const path = await saved();
    const bytes = readFileSync(path);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const at = Number(view.getBigUint64(16, true));
    const directory = JSON.parse(bytes.subarray(at).toString());
    const [offsets] = directory.sections;
    view.setUint32(offsets.offset + 4, 99, true);
    offsets.crc32 = crc32(bytes.subarray(offsets.offset, offsets.offset + offsets.bytes));
    const text = Buffer.from(JSON.stringify(directory));
    view.setUint32(12, crc32(text), true);
    view.setBigUint64(24, BigInt(text.length), true);
    view.setBigUint64(32, BigInt(at + text.length), true);
    view.setUint32(60, crc32(bytes.subarray(0, HEADER_BYTES - 4)), true);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, at), text]));
    expect((await failure(path)).message).toContain('do not fit the counts');
  });
});

test('saving is whole or not at all', async () => {
  const folder = tempFiles({ 'graph.anant': 'old' });
  mkdirSync(join(folder, 'taken'));
  const graph = Hypergraph.from([['a', 'b']]);
  const error = await graph.save(join(folder, 'taken')).catch((reason) => reason);
  expect(error).toMatchObject({ code: 'E_FILE_WRITE' });
  expect(await graph.save('/nowhere/x.anant').catch((reason) => reason.message)).toContain('does not exist');
  await graph.save(join(folder, 'graph.anant'));
  expect(readdirSync(folder).sort()).toEqual(['graph.anant', 'taken']);
  expect(existsSync(dirname(folder))).toBe(true);
});
