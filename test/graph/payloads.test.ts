/** What algorithms make of line graphs stays in the memory of the graph: nothing large is carried to the kernels. */
import { createHash } from 'node:crypto';
import { native } from '@anant/backend-native';
import { type Client, connect } from '@anant/core';
import { type AlgorithmName, algorithms, findAlgorithm, Hypergraph } from '@anant/graph';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** More than an array of a number per vertex takes; a line graph of this graph takes more than a hundred times as much. */
const PAYLOAD_BYTES_MAX = 4096;
const SIZE = 500;
const FEW = { samples: 2 };

let graph: Hypergraph;
let client: Client;
let unlimited: Client;

beforeAll(() => {
  // All hyperedges meet in one vertex, and all vertices in one hyperedge.
  const star = Array.from({ length: SIZE }, (_, at) => [0, 1 + at, 1 + ((at * 7 + 1) % SIZE)]);
  graph = Hypergraph.from([...star, Array.from({ length: SIZE }, (_, at) => at)]);
  client = connect({ backends: { native: () => native({ payloadBytesMax: PAYLOAD_BYTES_MAX }) } });
  unlimited = connect({ backends: { native: () => native() } });
});
afterAll(async () => {
  graph[Symbol.dispose]();
  await client.close({ graceMs: 0 });
  await unlimited.close({ graceMs: 0 });
});

const CASES: readonly (readonly [AlgorithmName, Readonly<Record<string, unknown>>])[] = [
  ['s-line-graph', { s: 1 }],
  ['s-components', { s: 1 }],
  ['s-betweenness', FEW],
  ['h-motifs', FEW],
  ['triangles', {}],
  ['clustering', {}],
  ['clustering', { kind: 'union' }],
  ['clique-expansion', {}],
];

it.each(CASES)('%s %j carries nothing large', async (name, parameters) => {
  const algorithm = findAlgorithm(name)!;
  const hashOn = async (on: Client) => {
    const result = await algorithm.run(on, graph, parameters);
    return createHash('sha256').update(result.checksumBytes()).digest('hex');
  };
  expect(await hashOn(client)).toBe(await hashOn(unlimited));
});

it('says what to do where something must be carried and is too large', async () => {
  await using narrow = connect({ backends: { native: () => native({ payloadBytesMax: 100 }) } });
  await expect(algorithms['s-line-graph'].run(narrow, graph, { s: 1 })).rejects.toMatchObject({
    code: 'E_PAYLOAD_TOO_LARGE',
    message: expect.stringContaining('at most 100 can be carried'),
    advice: expect.stringContaining('--embedded'),
  });
});
