import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@anant/core/testing';
import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { KERNELS_URL } from './module-url.js';

const PIECE_WORDS = 2048;

test('a join that another thread overwrote is found by its note and done again', () => {
  const random = seededRandom(5);
  using graph = Hypergraph.from(
    Array.from({ length: 3_000 }, () => Array.from({ length: 3 }, () => Math.floor(random() * 4_000))),
  );
  const { memory, vertexCount, hyperedgeCount, incidenceCount } = graph;
  const module = new WebAssembly.Module(readFileSync(fileURLToPath(KERNELS_URL)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory: memory.memory } });
  const call = (name: string, ...values: number[]) =>
    (exports[name] as (...all: number[]) => number)(...values);
  const pieces = memory.allocate('u32[]', 8 * PIECE_WORDS);
  const team = memory.allocate('u32[]', 128);
  const notes = memory.allocate('u32[]', PIECE_WORDS + 16);
  notes.set([0, 0, 0, team.byteOffset, pieces.byteOffset, 8]);
  const parents = memory.copy(Uint32Array.from({ length: vertexCount }, (_, vertex) => vertex));
  const edges = [graph.edgeToNodes.offsets.byteOffset, graph.edgeToNodes.members.byteOffset, incidenceCount];
  const into = [vertexCount, parents.byteOffset];
  call('joinEachShared', ...edges, 0, hyperedgeCount, ...into, notes.byteOffset);
  // What the kernel writes when it leaves a piece: 8 bytes a join, and as many for their number.
  pieces[notes[2]! / 4 - pieces.byteOffset / 4] = (notes[0]! - notes[2]!) / 8 - 1;
  const flatten = () => call('flattenRange', parents.byteOffset, 0, vertexCount);
  const taken = (notes[2]! - pieces.byteOffset) / (4 * PIECE_WORDS) + 1;
  const check = () => call('checkPieces', parents.byteOffset, pieces.byteOffset, 0, taken);
  const roots = flatten();
  const labels = parents.slice();
  expect(check()).toBe(0);
  const below = pieces[3]!;
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    if (vertex === below || parents[vertex] === below) parents[vertex] = below;
  }
  expect(flatten()).toBe(roots + 1);
  expect(check()).toBeGreaterThan(0);
  expect(flatten()).toBe(roots);
  expect(parents.slice()).toEqual(labels);
});
