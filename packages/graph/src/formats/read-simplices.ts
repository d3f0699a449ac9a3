/**
 * Simplex triples, as in the ScHoLP data sets: sizes of hyperedges, their members end to end, and times, one integer
 * per line. Node labels (`id label` per line) name vertices, also those that no hyperedge holds.
 */
import type { GraphDraft } from '../store/assemble.js';
import { NO_PROPERTIES } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import { openBytes } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { readIntegerColumn } from './integer-column.js';
import { labelTable } from './label-table.js';
import { readLines } from './line-reader.js';
import { parseInteger } from './parse-integer.js';
import type { ReadOptions } from './read-context.js';
import type { SimplexFiles } from './simplex-files.js';
import { IntegerTokens } from './tokens.js';
import { vertexTokens } from './vertex-range.js';

const SIZE_MAX = 0xffff_ffff;

export async function readSimplices(files: SimplexFiles, options: ReadOptions): Promise<GraphDraft> {
  const tokens = new IntegerTokens();
  vertexTokens(tokens, options);
  const { interner } = tokens;
  const { sizes, total } = await readSizes(files.nverts, options);
  const labels =
    files.nodeLabels === undefined ? undefined : await readLabels(files.nodeLabels, tokens, options);
  const members = new U32Column();
  await readIntegerColumn(await openBytes(files.simplices, options), (values, count) => {
    for (let i = 0; i < count; i++) members.push(interner.intern(values[i]!));
  });
  if (members.length !== total) {
    throw fileFormatError(
      { path: files.simplices, line: Math.min(members.length, total) + 1 },
      `the sizes in ${files.nverts} add up to ${total} members, but this file has ${members.length}`,
      { advice: 'Check that both files are complete and belong together.' },
    );
  }
  const times = options.properties === 'keep' ? await readTimes(files, sizes.length, options) : undefined;
  const vertices = interner.finish();
  const paths = [files.nverts, files.simplices];
  if (times) paths.push(files.times!);
  if (files.nodeLabels !== undefined) paths.push(files.nodeLabels);
  return {
    vertices,
    members,
    grouping: { sizes },
    repeatedMembers: options.repeatedMembers ?? 'merge',
    ...(labels && { labels: { vertices: labelTable(labels, vertices) } }),
    ...(times && { properties: { ...NO_PROPERTIES, hyperedges: { time: { values: times } } } }),
    source: { format: 'simplices', paths, warnings: [] },
  };
}

async function readSizes(path: string, options: ReadOptions): Promise<{ sizes: U32Column; total: number }> {
  const sizes = new U32Column();
  let total = 0;
  await readIntegerColumn(await openBytes(path, options), (values, count) => {
    for (let i = 0; i < count; i++) {
      const size = values[i]!;
      if (size > SIZE_MAX) {
        throw fileFormatError(
          { path, line: sizes.length + 1 },
          `the size ${size} is larger than ${SIZE_MAX}`,
        );
      }
      sizes.push(size);
      total += size;
    }
  });
  return { sizes, total };
}

async function readTimes(
  files: SimplexFiles,
  hyperedgeCount: number,
  options: ReadOptions,
): Promise<Float64Array | undefined> {
  if (files.times === undefined) return undefined;
  const times = new Float64Array(hyperedgeCount);
  let read = 0;
  await readIntegerColumn(await openBytes(files.times, options), (values, count) => {
    times.set(values.subarray(0, Math.min(count, hyperedgeCount - read)), Math.min(read, hyperedgeCount));
    read += count;
  });
  if (read !== hyperedgeCount) {
    throw fileFormatError(
      { path: files.times, line: Math.min(read, hyperedgeCount) + 1 },
      `${files.nverts} has ${hyperedgeCount} hyperedges, but this file has ${read} times`,
    );
  }
  return times;
}

/** Text of each label by the provisional index of its vertex. */
async function readLabels(path: string, tokens: IntegerTokens, options: ReadOptions): Promise<string[]> {
  const labels: string[] = [];
  const source = await openBytes(path, options);
  await readLines(source, options.lineBytesMax, (bytes, start, end, line) => {
    if (start === end) return;
    let split = start;
    while (split < end && bytes[split] !== 32 && bytes[split] !== 9) split += 1;
    const id = parseInteger(bytes, start, split);
    if (id < 0) throw fileFormatError({ path, line }, 'a line must be an integer id, a space and a label');
    labels[tokens.interner.intern(id)] = Buffer.from(bytes.subarray(split + 1, end)).toString();
  });
  return labels;
}
