import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRestart, STARTS_PER_MINUTE_MAX } from './restart-policy.js';

const MINUTE_MS = 60_000;

describe('the restart policy', () => {
  it('restarts with growing, random pauses and stays down when a bridge keeps ending', () => {
    const ceilings = [1, 2, 3, 4].map((count) => {
      const decision = decideRestart(Array(count).fill(0), 'ended', 1, () => 0.999_999);
      return decision.type === 'restart' ? Math.round(decision.delayMs) : -1;
    });
    expect(ceilings).toEqual([200, 400, 800, 1600]);
    expect(decideRestart(Array(STARTS_PER_MINUTE_MAX).fill(0), 'ended', 1, () => 0)).toMatchObject({
      type: 'stay-down',
    });
  });

  it('forgets starts that are a minute old', () => {
    const starts = Array(STARTS_PER_MINUTE_MAX).fill(0);
    expect(decideRestart(starts, 'ended', MINUTE_MS, () => 0)).toEqual({ type: 'restart', delayMs: 0 });
  });

  it('never starts more than five times a minute, however often the engine cannot be reached', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(5_000))),
        (rounds) => {
          const starts = [0];
          let nowMs = 0;
          for (const [random, spentMs] of rounds) {
            nowMs += spentMs;
            const decision = decideRestart(starts, 'unreachable', nowMs, () => random);
            if (decision.type !== 'restart') throw new Error('It must go on trying.');
            expect(decision.delayMs).toBeLessThanOrEqual(MINUTE_MS + 1);
            nowMs += decision.delayMs;
            starts.push(nowMs);
            expect(starts.filter((startMs) => nowMs - startMs < MINUTE_MS).length).toBeLessThanOrEqual(
              STARTS_PER_MINUTE_MAX,
            );
          }
        },
      ),
    );
  });
});
