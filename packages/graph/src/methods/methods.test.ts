import { execFileSync } from 'node:child_process';
import { native } from '@anant/backend-native';
import { connect } from '@anant/core';
import { afterAll, expect, test } from 'vitest';
import { algorithms } from '../algorithms/registry.js';
import { Hypergraph } from '../graph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { tempFiles } from '../testing/temp-files.js';
import { closeDefaultClient } from './default-client.js';
import { methodName } from './method-name.js';

afterAll(() => closeDefaultClient());

const triangle = () => Hypergraph.from([['a', 'b', 'c'], ['c', 'd'], ['z']]);

test('every registered algorithm is a method of graphs, of duals and of graphs run elsewhere', () => {
  const graph = triangle();
  for (const name of Object.keys(algorithms)) {
    expect(graph).toHaveProperty(methodName(name), expect.any(Function));
    expect(graph.dual()).toHaveProperty(methodName(name), expect.any(Function));
    expect(graph.on(kernelClient())).toHaveProperty(methodName(name), expect.any(Function));
  }
});

test('a method gives what the algorithm gives, with labels', async () => {
  const graph = triangle();
  const expected = await algorithms.components.run(kernelClient(), graph);
  const result = await graph.on(kernelClient()).components();
  expect(result.values).toEqual(expected.values);
  expect(result.table(2)).toEqual(expected.table(2));
  expect(result.labels.vertex(3)).toBe('d');
  expect(result.labels.hyperedge(1)).toBe('1');
});

test('without a client it runs on the embedded backend, and a name chooses the backend', async () => {
  const graph = triangle();
  const ranks = await graph.pagerank({ damping: 0.5 });
  expect(ranks.backend).toBe('native');
  expect((await graph.on('native').pagerank({ damping: 0.5 })).values).toEqual(ranks.values);
  await expect(graph.on('dusk').degrees()).rejects.toMatchObject({ code: expect.stringMatching(/^E_/) });
  await expect(graph.pagerank({ damping: 2 })).rejects.toMatchObject({ code: 'E_GRAPH_INVALID' });
});

test('options of a call win over those of on', async () => {
  await using client = connect({ backends: { native: () => native() } });
  const controller = new AbortController();
  controller.abort();
  const methods = triangle().on(client, { signal: controller.signal });
  await expect(methods.degrees()).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect((await methods.degrees({}, { signal: new AbortController().signal })).backend).toBe('native');
});

test('a program that calls a method and does nothing else ends', () => {
  const program = `
    import { Hypergraph } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
    const result = await Hypergraph.from([['a', 'b']]).degrees();
    console.log(result.backend);
  `;
  const folder = tempFiles({ 'main.mjs': program });
  const output = execFileSync(process.execPath, [`${folder}/main.mjs`], { timeout: 100_000 });
  expect(output.toString()).toBe('native\n');
});
