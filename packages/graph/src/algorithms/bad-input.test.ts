/** Every algorithm of the registry on input that is odd or bad: an error with a code and advice, or finite values. */
import { AnantError, KernelMemory } from '@anant/core';
import { describe, expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { kernelClient } from '../testing/kernel-client.js';
import type { ParameterSpecification } from './parameter.js';
import { type AlgorithmName, algorithms, findAlgorithm } from './registry.js';
import type { AlgorithmResult } from './result.js';

const NAMES = Object.keys(algorithms) as AlgorithmName[];

const GRAPHS: Readonly<Record<string, () => Hypergraph>> = {
  empty: () => Hypergraph.from([]),
  'empty hyperedges only': () => Hypergraph.from([[], []]),
  'one vertex': () => Hypergraph.from([[1]]),
  'single members and self-loops': () => Hypergraph.from([[1, 1], [2], [2]], { repeatedMembers: 'keep' }),
  'repeated members': () =>
    Hypergraph.from(
      [
        [1, 1, 2],
        [2, 2, 2],
        [3, 1],
      ],
      { repeatedMembers: 'keep' },
    ),
  'not connected': () => Hypergraph.from([['a', 'b', 'c'], ['c', 'd'], ['x', 'y'], ['z'], []]),
  'equal hyperedges': () =>
    Hypergraph.from([
      [1, 2],
      [2, 1],
      [1, 2],
    ]),
  mixed: () =>
    Hypergraph.from([
      [1, 2, 3],
      [3, 4],
      [4, 5, 1, 2],
    ]),
};

/** Infinite by definition: the distance to what there is no way to. */
const MAY_BE_INFINITE: Readonly<Record<string, string>> = { 'shortest-paths': 'distances' };

function needed(name: AlgorithmName, graph: Hypergraph): Record<string, unknown> {
  const has = (parameter: string) => Object.hasOwn(algorithms[name].parameters, parameter);
  return {
    ...(has('partition') && {
      partition: Array.from({ length: graph.vertexCount }, (_, vertex) => vertex % 2),
    }),
    ...(has('k') && name !== 'hypercore' && { k: 1 }),
  };
}

async function outcome(
  name: string,
  graph: Hypergraph,
  parameters: object,
): Promise<AlgorithmResult | AnantError> {
  try {
    return await findAlgorithm(name)!.run(kernelClient(), graph, { ...parameters });
  } catch (error) {
    if (AnantError.is(error)) return error;
    throw error;
  }
}

function expectClear(name: string, result: AlgorithmResult | AnantError): void {
  if (AnantError.is(result)) {
    expect(result.code).toBe('E_GRAPH_INVALID');
    expect(result.message.length).toBeGreaterThan(15);
    return;
  }
  for (const [array, values] of Object.entries(result.values)) {
    if (!(values instanceof Float64Array)) continue;
    const isAllowed = (value: number) =>
      Number.isFinite(value) || (value === Infinity && MAY_BE_INFINITE[name] === array);
    expect(`${array}: ${values.filter((value) => !isAllowed(value)).join(' ')}`).toBe(`${array}: `);
  }
  for (const row of result.table(5).rows) for (const cell of row) expect(cell).not.toBeNaN();
  for (const { value } of result.summary) {
    expect(value).not.toBeNaN();
    expect(String(value)).not.toMatch(/NaN|Infinity|undefined/);
  }
  for (const { message } of result.warnings) expect(message).not.toMatch(/NaN|undefined/);
  result.graph?.()[Symbol.dispose]();
}

describe.each(NAMES)('%s', (name) => {
  test.each(Object.keys(GRAPHS))('on a graph that is: %s', async (kind) => {
    using graph = GRAPHS[kind]!();
    expectClear(name, await outcome(name, graph, needed(name, graph)));
  });

  const { parameters } = algorithms[name] as { parameters: Readonly<Record<string, ParameterSpecification>> };
  test.each(Object.entries(parameters))(
    'refuses a parameter out of range: %s',
    async (key, specification) => {
      using graph = GRAPHS.mixed!();
      for (const value of badValues(specification)) {
        const result = await outcome(name, graph, { ...needed(name, graph), [key]: value });
        if (!AnantError.is(result)) throw new Error(`${name} took ${String(value)} as ${key}.`);
        expect(result.code).toBe('E_GRAPH_INVALID');
        expect(result.message).toContain(`"${key}"`);
        expect(result.advice).toBeTruthy();
      }
    },
  );

  test('in a memory that is full says so, or needs none; and gives everything back', async () => {
    const memory = new KernelMemory({ maximumBytes: 2 ** 21 });
    const lists = Array.from({ length: 40 }, (_, at) => [at % 11, (at * 7) % 13, (at * 5) % 17]);
    using graph = Hypergraph.from(lists, { memory });
    const used = memory.usedBytes;
    const filling = fill(memory);
    const result = await outcome(name, graph, needed(name, graph));
    if (AnantError.is(result)) expect(['E_OUT_OF_MEMORY', 'E_GRAPH_INVALID']).toContain(result.code);
    for (const array of filling) memory.free(array);
    expect(memory.usedBytes).toBe(used);
  });

  test('refuses a parameter that it does not have', async () => {
    using graph = GRAPHS.mixed!();
    const result = await outcome(name, graph, { ...needed(name, graph), dampng: 1 });
    expect(result).toMatchObject({
      code: 'E_GRAPH_INVALID',
      message: expect.stringContaining('no parameter "dampng"'),
    });
  });

  const own = Object.keys(parameters);
  test.each(own.filter((key) => key === 's'))('with %s larger than any hyperedge', async () => {
    using graph = GRAPHS.mixed!();
    expectClear(name, await outcome(name, graph, { s: 1000 }));
  });

  test.each(own.filter((key) => key === 'iterationsMax'))(
    'says with a small %s that it did not converge',
    async () => {
      using graph = Hypergraph.from([
        [1, 2, 3],
        [3, 4, 5],
        [5, 6, 7],
        [7, 8, 1],
        [2, 5, 8],
        [9, 10, 1],
        [10, 4, 11],
      ]);
      const given = {
        ...needed(name, graph),
        iterationsMax: 1,
        ...('tolerance' in parameters && { tolerance: 1e-300 }),
      };
      const result = await outcome(name, graph, given);
      expectClear(name, result);
      const messages = AnantError.is(result) ? [] : result.warnings.map(({ message }) => message);
      expect(messages.join(' ')).toMatch(/did not converge/);
    },
  );
});

/** Takes what is left of a memory. */
function fill(memory: KernelMemory): Uint8Array[] {
  const taken: Uint8Array[] = [];
  for (let bytes = 2 ** 20; bytes >= 16; ) {
    try {
      taken.push(memory.allocate('u8[]', bytes));
    } catch {
      bytes >>= 1;
    }
  }
  return taken;
}

function badValues({ type, minimum, maximum, bounds }: ParameterSpecification): unknown[] {
  switch (type) {
    case 'integer':
      return [1.5, Number.NaN, Infinity, '1', null, (minimum ?? 0) - 1, (maximum ?? 2 ** 53) + 1];
    case 'number': {
      const edges = bounds === 'exclusive' ? [minimum, maximum] : [];
      const outside = [
        ...(minimum === undefined ? [] : [minimum - 1]),
        ...(maximum === undefined ? [] : [maximum + 1]),
      ];
      return [
        Number.NaN,
        Infinity,
        -Infinity,
        '1',
        null,
        ...outside,
        ...edges.filter((edge) => edge !== undefined),
      ];
    }
    case 'choice':
      return ['no such choice', 1, null];
    case 'partition':
      return [[], [1], null, 'a', [1, 2, 3, 4, {}], [1, 2, 3, 4, Number.NaN]];
    default:
      return ['nobody', 99, Number.NaN, null, {}];
  }
}
