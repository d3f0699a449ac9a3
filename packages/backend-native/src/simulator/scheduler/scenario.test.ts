import { describe, expect, it } from 'vitest';
import { FAULTS } from './faults.js';
import type { Mutation } from './mutation.js';
import { HEAD_MUTATIONS, MUTATIONS } from './mutations.js';
import { runScenario } from './run-scenario.js';
import { shrinkScenario } from './shrink.js';

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
const HARSH_FOR_HEADS = ['heads: parted', 'heads: slow standby'];

function firstFailure(mutation: Mutation, faults: readonly string[]) {
  for (let seed = 1; seed <= SEEDS_MAX; seed += 1)
    for (const fault of faults)
      if (runScenario({ seed, fault, mutation }).violations.length > 0) return { seed, fault, mutation };
  return expect.fail(`${SEEDS_MAX} seeds did not notice it`);
}

describe('the scheduler under faults', () => {
  it.each(FAULTS.map(({ name }) => name))('keeps its promises: %s', (fault) => {
    for (const seed of SEEDS) {
      const { violations, counts } = runScenario({ seed, fault });
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      expect(counts.accepted).toBeGreaterThan(50);
    }
  });

  it('does the same again with the same seed (I14)', () => {
    for (const fault of ['everything', 'heads: everything']) {
      const once = runScenario({ seed: 7, fault });
      expect(runScenario({ seed: 7, fault })).toEqual(once);
      expect(runScenario({ seed: 8, fault }).traceHash).not.toBe(once.traceHash);
    }
  });

  it('has a head lead again within the bound when the leader is killed, over and over', () => {
    const reports = SEEDS.map((seed) => runScenario({ seed, fault: 'heads: leader killed' }));
    for (const { takeoverMsMax, counts } of reports) {
      expect(takeoverMsMax).toBeGreaterThan(0);
      expect(counts.recoveries).toBeGreaterThan(2);
    }
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
    firstFailure(mutation, HARSH);
  });

  it.each(HEAD_MUTATIONS)('notices a planted bug of several heads: $name', (mutation) => {
    firstFailure(mutation, HARSH_FOR_HEADS);
  });
});

describe('shrinking', () => {
  it('leaves the few steps that a failure needs, and none that it does not', () => {
    const failing = firstFailure(HEAD_MUTATIONS[0]!, ['heads: parted']);
    const { steps, violation, transcript } = shrinkScenario(failing)!;
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.length).toBeLessThan(10);
    expect(steps.some(({ kind }) => kind === 'fault')).toBe(true);
    expect(transcript.split('\n')).toHaveLength(steps.length + 1);
    const numbers = steps.map(({ number }) => number);
    const again = (keep: readonly number[]) =>
      runScenario({ ...failing, keep: new Set(keep) }).violations.map(({ invariant }) => invariant);
    expect(again(numbers)).toContain(violation.invariant);
    for (const number of numbers)
      expect(again(numbers.filter((other) => other !== number))).not.toContain(violation.invariant);
  });

  it('has nothing to say of a run that keeps every promise', () => {
    expect(shrinkScenario({ seed: 1, fault: 'none' })).toBeUndefined();
  });
});
