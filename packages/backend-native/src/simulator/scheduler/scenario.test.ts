import { describe, expect, it } from 'vitest';
import { FAULTS } from './faults.js';
import { MUTATIONS } from './mutations.js';
import { runScenario } from './run-scenario.js';

const SEEDS = [1, 2];
/** Where planted bugs are looked for first. */
const HARSH = [
  'everything',
  'host lost for good',
  'poison task',
  'worker paused',
  'head killed',
  'head paused',
];
const SEEDS_MAX = 200;

describe('the scheduler under faults', () => {
  it.each(FAULTS.map(({ name }) => name))('keeps its promises: %s', (fault) => {
    for (const seed of SEEDS) {
      const { violations, counts } = runScenario({ seed, fault });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(counts.accepted).toBeGreaterThan(50);
    }
  });

  it('does the same again with the same seed (I14)', () => {
    const once = runScenario({ seed: 7, fault: 'everything' });
    expect(runScenario({ seed: 7, fault: 'everything' })).toEqual(once);
    expect(runScenario({ seed: 8, fault: 'everything' }).traceHash).not.toBe(once.traceHash);
  });

  // Runs that once broke a promise: docs/correctness.md says what was wrong.
  it.each([
    { seed: 2, fault: 'slow node' },
    { seed: 1, fault: 'head paused' },
    { seed: 4, fault: 'head paused' },
    { seed: 1, fault: 'disk full' },
  ])('does not break again: $fault, seed $seed', (scenario) => {
    expect(runScenario(scenario).violations).toEqual([]);
  });

  it.each(MUTATIONS)('notices a planted bug: $name', (mutation) => {
    for (let seed = 1; seed <= SEEDS_MAX; seed += 1)
      for (const fault of HARSH) if (runScenario({ seed, fault, mutation }).violations.length > 0) return;
    expect.fail(`${SEEDS_MAX} seeds did not notice it`);
  });
});
