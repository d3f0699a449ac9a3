/** Every algorithm on every backend: the bytes of the embedded one, on the whole graph and on parts of it. */
import { createHash } from 'node:crypto';
import { native } from '@anant/backend-native';
import { AnantError, type Client, connect } from '@anant/core';
import { memoryBackend } from '@anant/core/testing';
import {
  type AlgorithmName,
  algorithms,
  findAlgorithm,
  Hypergraph,
  type RunOptions,
  SUPERSTEP_ALGORITHMS,
} from '@anant/graph';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { connectEngine } from '../trouble/engines.js';

const NAMES = Object.keys(algorithms) as AlgorithmName[];
/** Few iterations: what is compared is where they run, not where they lead. */
const ITERATIONS_MAX = 3;

const GRAPHS: Readonly<Record<string, () => Hypergraph>> = {
  empty: () => Hypergraph.from([]),
  'one vertex': () => Hypergraph.from([[1]]),
  'lone vertices': () => Hypergraph.from([], { vertices: [1, 2, 3] }),
  'single members and self-loops': () => Hypergraph.from([[1, 1], [2], [2]], { repeatedMembers: 'keep' }),
  'not connected': () => Hypergraph.from([['a', 'b', 'c'], ['c', 'd'], ['x', 'y'], ['z'], []]),
  'equal hyperedges': () => Hypergraph.from(Array.from({ length: 4 }, () => [1, 2])),
  mixed: () =>
    Hypergraph.from([
      [1, 2, 3],
      [3, 4],
      [4, 5, 1, 2],
      [6, 1],
    ]),
};

/** Triples of 40 vertices, in two components and a lone vertex, with directions of members and times. */
function uniform(): Hypergraph {
  const hyperedges = Array.from({ length: 120 }, (_, at) => {
    const base = at % 3 === 0 ? 20 : 0;
    return [at % 20, (at + 1 + (at % 5)) % 20, (at + 7 + (at % 11)) % 20].map((vertex) => base + vertex);
  });
  return Hypergraph.from(hyperedges, {
    vertices: [99],
    properties: {
      hyperedges: { time: hyperedges.map((_, at) => Math.floor(at / 4)) },
      incidences: {
        direction: hyperedges.map((_, at) =>
          at % 4 === 0 ? ['head', 'tail', 'tail'] : ['tail', '', 'head'],
        ),
      },
    },
  });
}

function parametersOf(name: string, graph: Hypergraph): Readonly<Record<string, unknown>> {
  const has = (parameter: string) => Object.hasOwn(findAlgorithm(name)!.parameters, parameter);
  return {
    ...(has('partition') && {
      partition: Array.from({ length: graph.vertexCount }, (_, vertex) => vertex % 2),
    }),
    ...(has('iterationsMax') && { iterationsMax: ITERATIONS_MAX }),
  };
}

/** The hash of the result, or what it was refused with. */
async function outcome(
  name: string,
  client: Client,
  graph: Hypergraph,
  options: RunOptions = {},
): Promise<string> {
  try {
    const algorithm = findAlgorithm(name)!;
    const result = await algorithm.run(client, graph, parametersOf(name, graph), options);
    return createHash('sha256').update(result.checksumBytes()).digest('hex');
  } catch (error) {
    if (!AnantError.is(error) || error.code !== 'E_GRAPH_INVALID') throw error;
    return `${error.code} ${error.message}`;
  }
}

let embedded: Client;
let graph: Hypergraph;
const expected = new Map<string, string>();

beforeAll(async () => {
  embedded = connect({ backends: { native: () => native() } });
  graph = uniform();
  for (const name of NAMES) expected.set(name, await outcome(name, embedded, graph, { threads: 1 }));
});
afterAll(async () => {
  graph[Symbol.dispose]();
  await embedded.close({ graceMs: 0 });
});

it('all of them run on this graph', () => {
  expect([...expected].filter(([, hash]) => hash.startsWith('E_'))).toEqual([]);
});

function everywhere(name: string, open: () => Promise<Client>): void {
  describe(name, () => {
    let client: Client;
    beforeAll(async () => {
      client = await open();
    });
    afterAll(() => client?.close({ graceMs: 0 }));

    it('has the same bytes on the whole graph', async () => {
      const found = new Map<string, string>();
      for (const algorithm of NAMES) found.set(algorithm, await outcome(algorithm, client, graph));
      expect(found).toEqual(expected);
    });

    it('has the same bytes on parts, where it runs on parts', async () => {
      for (const algorithm of SUPERSTEP_ALGORITHMS) {
        const divided = { partitions: 2, partitioner: 'hash' } as const;
        expect([algorithm, await outcome(algorithm, client, graph, divided)]).toEqual([
          algorithm,
          expected.get(algorithm),
        ]);
      }
    });
  });
}

everywhere('memory', async () =>
  connect({ backends: { memory: () => memoryBackend() }, defaults: { backend: 'memory' } }),
);
everywhere('native', async () => connect({ backends: { native: () => native() } }));

let cluster: TestCluster;
everywhere('cluster', async () => {
  cluster = await TestCluster.start({ workers: 2, native: { slots: 2 } });
  return connect({ backends: { native: () => native(cluster.options) } });
});
afterAll(() => cluster?.close());

for (const engine of ['dask', 'ray', 'celery'] as const) {
  if (process.env.ANANT_PYTHON) everywhere(engine, async () => connectEngine(engine));
  else describe.skip(`${engine} (skipped: ANANT_PYTHON names no interpreter)`, () => it('runs', () => {}));
}

describe.each(Object.keys(GRAPHS))('%s, in one to five parts', (kind) => {
  it.each(SUPERSTEP_ALGORITHMS)('%s ends as on the whole graph', async (name) => {
    using odd = GRAPHS[kind]!();
    await using client = connect({
      backends: { memory: () => memoryBackend() },
      defaults: { backend: 'memory' },
    });
    const whole = await outcome(name, client, odd);
    for (let partitions = 1; partitions <= Math.min(5, odd.vertexCount); partitions++) {
      for (const partitioner of ['hash', 'stream', 'multilevel'] as const) {
        expect(await outcome(name, client, odd, { partitions, partitioner })).toBe(whole);
      }
    }
  });
});
