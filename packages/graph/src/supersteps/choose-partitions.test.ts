import { expect, test } from 'vitest';
import { Hypergraph } from '../graph.js';
import { kernelClient } from '../testing/kernel-client.js';
import { choosePartitions } from './choose-partitions.js';

const ring = Hypergraph.from(Array.from({ length: 2_000 }, (_, at) => [at, (at + 1) % 2_000]));
/** The ring, said to have so many incidences. */
const sized = (incidenceCount: number) =>
  new Proxy(ring, {
    get(target, name) {
      if (name === 'incidenceCount') return incidenceCount;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
const choose = (incidences: number, slots: number, backend = 'native') =>
  choosePartitions(sized(incidences), 'pagerank', { backend, slots, partitioner: 'stream' });

test('a small graph stays whole, and why is said with both times', async () => {
  expect(await choose(4_000, 8)).toMatchObject({
    reason: expect.stringMatching(
      /^not divided: one machine is about \d+ times as fast \(\d+ ms on one thread, \d+ ms in 8 parts/,
    ),
  });
});

test('a large graph on many slots is divided; on few it is not', async () => {
  expect(await choose(200_000_000, 32)).toMatchObject({
    partitions: 32,
    reason: expect.stringMatching(/^divided into 32: partitions is about [\d.]+ times as fast/),
  });
  expect((await choose(200_000_000, 2)).partitions).toBeUndefined();
});

test('a graph beyond one memory is divided whatever that takes', async () => {
  const options = {
    backend: 'native',
    slots: 4,
    partitioner: 'hash',
    incidencesMaxOneMemory: 1_000,
  } as const;
  expect(await choosePartitions(ring, 'bfs', options)).toMatchObject({
    partitions: 4,
    reason: expect.stringContaining('does not fit into one memory'),
  });
});

test('what cannot be divided, or has no costs, stays whole', async () => {
  const options = { backend: 'native', slots: 8, partitioner: 'hash' } as const;
  expect((await choosePartitions(ring, 'louvain', options)).reason).toMatch(/does not run on partitions/);
  expect((await choose(4_000, 1)).reason).toMatch(/one slot/);
  expect((await choose(4_000, 8, 'elsewhere')).reason).toMatch(/no costs are known of elsewhere/);
});

test('"auto" runs whole where that is faster, and says so in the summary', async () => {
  const on = ring.on(kernelClient(), { partitions: 'auto' });
  const { summary, values } = await on.components();
  expect(values.labels.every((label) => label === 0)).toBe(true);
  expect(summary.find(({ name }) => name === 'partitions')?.value).toMatch(/^not divided: /);
});
