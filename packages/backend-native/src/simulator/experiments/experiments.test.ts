import { describe, expect, it } from 'vitest';
import { SWIM_TUNING } from '../../protocol/gossip/index.js';
import {
  anomalyGrid,
  bootstrap,
  byzantine,
  churn,
  firstDetection,
  percentile,
  swimDetection,
} from './index.js';

/** Small versions of what `bench/gossip-simulator.mjs` measures: they find a broken protocol, not a slow one. */
describe('experiments', () => {
  it('plain SWIM detects after about 1.58 periods, for two messages a period', () => {
    const { periods, messagesPerPeriod } = swimDetection({ nodes: 8, runs: 100, seed: 1 });
    expect(periods).toBeGreaterThan(1.2);
    expect(periods).toBeLessThan(1.9);
    expect(messagesPerPeriod).toBeCloseTo(2, 1);
  });

  it('declares almost no healthy member dead where plain SWIM declares many', () => {
    const grid = {
      nodes: 32,
      seed: 1,
      concurrent: [5],
      durationsMs: [512, 16_384],
      pausesMs: [16, 1024],
      runMs: 30_000,
    };
    const plain = anomalyGrid({ ...grid, views: 'none', tuning: SWIM_TUNING });
    const ours = anomalyGrid({ ...grid, views: 'formed', tuning: {} });
    expect(plain.falsePositives).toBeGreaterThan(100);
    expect(ours.falsePositives).toBeLessThan(plain.falsePositives * 0.015);
    expect(ours.evictions).toBe(0);
  });

  it('detects and removes a crashed member within seconds', () => {
    const result = firstDetection({ nodes: 100, crashes: 4, seed: 1, loss: 0.02 });
    expect(result.firstMs).toHaveLength(4);
    expect(percentile(result.firstMs, 1)).toBeLessThan(10_000);
    expect(percentile(result.evictedMs, 1)).toBeLessThan(15_000);
    expect(result.healthyEvictions).toBe(0);
  });

  it('forms a large cluster through few views', () => {
    const result = bootstrap({ nodes: 120, seed: 1, seconds: 30 });
    expect(result.formedMs).toBeLessThan(20_000);
    expect(result.distinctViews).toBeLessThanOrEqual(8);
  });

  it('keeps up with churn and removes nobody who is well', () => {
    const result = churn({ nodes: 100, seed: 1, minutes: 2, partPerMinute: 0.1 });
    expect(result).toMatchObject({ healthyEvictions: 0, behind: 0, distinctViewsAtEnd: 1 });
  });

  it('lets a tenth of liars evict nobody', () => {
    const honest = byzantine({ nodes: 100, part: 0, seed: 1, seconds: 15 });
    const lied = byzantine({ nodes: 100, part: 0.1, seed: 1, seconds: 15 });
    expect(lied.falseEvictions).toBe(0);
    expect(lied.falseVerdicts).toBe(0);
    expect(honest.epochs).toBe(0);
  });
});
