/** The head of a cluster dies without warning and comes back on its journal: what it had acknowledged goes on. */
import { native } from '@anant/backend-native';
import { connect } from '@anant/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestCluster } from '../support/test-cluster.js';
import { slowEcho } from './cluster-tasks.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start({ workers: 2, journal: 'fsync', native: { slots: 2 } });
});
afterAll(() => cluster.close());

it('nothing acknowledged is lost: what ran runs on, what waited is given out', async () => {
  await using client = connect({ backends: { native: () => native(cluster.options) } });
  await client.run(slowEcho, { number: 0, durationMs: 1 });
  const handles = Array.from({ length: 40 }, (_, number) =>
    client.submit(slowEcho, { number, durationMs: 150 }, { retry: { attempts: 1 } }),
  );
  // Some have ended by then, some run, most wait.
  await handles[3]!.outcome();
  await cluster.killHead();
  await cluster.startHead();
  const outcomes = await Promise.all(handles.map((handle) => handle.outcome()));
  const ends = outcomes.map((outcome) => (outcome.status === 'ok' ? outcome.value : outcome));
  expect(ends).toEqual(Array.from({ length: 40 }, (_, number) => number));
  expect(await client.run(slowEcho, { number: 7, durationMs: 1 })).toBe(7);
});
