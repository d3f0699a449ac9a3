import { expect, test } from 'vitest';
import {
  BACKEND_COSTS,
  type EstimateInput,
  estimateSupersteps,
  ONE_MEMORY_INCIDENCES_MAX,
} from './cost-model.js';

const small: EstimateInput = {
  program: 'pagerank',
  backend: 'native',
  incidenceCount: 1_000_000,
  boundary: 20_000,
  incidencesMax: 1_000_000,
  partitions: 2,
  slots: 2,
};
const estimateOf = (more: Partial<EstimateInput>) => estimateSupersteps({ ...small, ...more })!;

test('one machine is faster where the graph fits, on every backend that was measured', () => {
  for (const backend of Object.keys(BACKEND_COSTS)) {
    const estimate = estimateOf({ backend });
    expect(estimate.better).toBe('one machine');
    expect(estimate.reason).toMatch(/^one machine is about [\d.]+ times as fast$/);
    expect(estimate.partitionsMs).toBeGreaterThan(estimate.oneMachineMs);
  }
});

test('partitions where it does not fit', () => {
  const incidenceCount = ONE_MEMORY_INCIDENCES_MAX + 1;
  expect(estimateOf({ incidenceCount })).toMatchObject({
    better: 'partitions',
    reason: 'the graph does not fit into one memory',
  });
});

test('more boundary, fewer processors and larger parts cost more; an unknown backend has no estimate', () => {
  const { partitionsMs } = estimateOf({});
  expect(estimateOf({ boundary: 40_000 }).partitionsMs).toBeGreaterThan(partitionsMs);
  expect(estimateOf({ slots: 1 }).partitionsMs).toBeGreaterThan(partitionsMs);
  expect(estimateOf({ incidencesMax: 2_000_000 }).partitionsMs).toBeGreaterThan(partitionsMs);
  expect(estimateSupersteps({ ...small, backend: 'elsewhere' })).toBeUndefined();
});
