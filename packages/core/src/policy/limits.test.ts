import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../testing/index.js';
import { backoffDelayMs, CircuitBreaker, DedupWindow, RetryBudget, TokenBucket } from './index.js';

describe('backoffDelayMs', () => {
  it('lies between nothing and the doubled ceiling, and uses all of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer(),
        (backoffMs, backoffMsMax, attempt, seed) => {
          const delay = backoffDelayMs({ backoffMs, backoffMsMax }, attempt, seededRandom(seed));
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(backoffMsMax, backoffMs * 2 ** (attempt - 1)));
        },
      ),
    );
    const random = seededRandom(9);
    const draws = Array.from({ length: 2000 }, () =>
      backoffDelayMs({ backoffMs: 100, backoffMsMax: 400 }, 9, random),
    );
    expect(Math.min(...draws)).toBeLessThan(4);
    expect(Math.max(...draws)).toBeGreaterThan(396);
  });
});

describe('RetryBudget', () => {
  it('never pays for more than its reserve and its share of the traffic', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 500 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 100 }),
        (isTask, reserve, percent) => {
          const ratio = percent / 100;
          const budget = new RetryBudget({ reserve, ratio });
          let tasks = 0;
          let retries = 0;
          for (const next of isTask) {
            if (next) {
              budget.deposit();
              tasks += 1;
            } else if (budget.withdraw()) retries += 1;
            expect(retries).toBeLessThanOrEqual(reserve + ratio * tasks + 1e-6);
          }
        },
      ),
    );
  });

  it('pays again once traffic has earned it', () => {
    const budget = new RetryBudget({ reserve: 1, ratio: 0.25 });
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
    for (let task = 0; task < 4; task++) budget.deposit();
    expect([budget.withdraw(), budget.withdraw()]).toEqual([true, false]);
  });
});

describe('TokenBucket', () => {
  it('keeps burst + rate × time in every span, and says exactly when the next token is there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.nat(300), { maxLength: 100 }),
        (perSecond, burst, gaps) => {
          const bucket = new TokenBucket({ perSecond, burst }, 0);
          const taken: number[] = [];
          let nowMs = 0;
          for (const gap of gaps) {
            nowMs += gap;
            if (bucket.take(nowMs)) taken.push(nowMs);
            else {
              const waitMs = bucket.waitMs(nowMs);
              expect(waitMs).toBeGreaterThan(0);
              expect(bucket.take(nowMs + waitMs * 0.99)).toBe(false);
              nowMs += waitMs;
              expect(bucket.take(nowMs)).toBe(true);
              taken.push(nowMs);
            }
          }
          taken.forEach((from, first) => {
            taken.slice(first).forEach((to, more) => {
              expect(more + 1).toBeLessThanOrEqual(burst + ((to - from) / 1000) * perSecond + 1e-6);
            });
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('CircuitBreaker', () => {
  it('is what a model of it says, for any history', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('failure', 'success', 'trip'), fc.nat(30)), { maxLength: 100 }),
        fc.integer({ min: 1, max: 4 }),
        (history, failures) => {
          const openMs = 50;
          const breaker = new CircuitBreaker({ failures, openMs });
          let nowMs = 0;
          let inARow = 0;
          let openedMs: number | undefined;
          const expected = () =>
            openedMs === undefined ? 'closed' : nowMs < openedMs + openMs ? 'open' : 'half-open';
          for (const [what, gap] of history) {
            nowMs += gap;
            const before = expected();
            expect(breaker.state(nowMs)).toBe(before);
            if (what === 'success') {
              breaker.recordSuccess();
              inARow = 0;
              openedMs = undefined;
            } else {
              inARow += 1;
              const isTripped = what === 'trip' || before === 'half-open';
              if (what === 'trip') breaker.trip(nowMs);
              else breaker.recordFailure(nowMs);
              if (isTripped || (before === 'closed' && inARow >= failures)) openedMs = nowMs;
            }
            expect(breaker.state(nowMs)).toBe(expected());
            expect(breaker.failures).toBe(inARow);
            expect(breaker.halfOpenMs).toBe(openedMs === undefined ? undefined : openedMs + openMs);
          }
        },
      ),
    );
  });
});

describe('DedupWindow', () => {
  it('remembers the newest, for a while, and never more than it may', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(12), fc.nat(40)), { maxLength: 100 }),
        fc.integer({ min: 0, max: 6 }),
        (history, tasksMax) => {
          const windowMs = 100;
          const window = new DedupWindow<number>({ tasksMax, windowMs });
          const model: { id: string; value: number; endedMs: number }[] = [];
          let nowMs = 0;
          history.forEach(([which, gap], value) => {
            nowMs += gap;
            const id = `task-${which}`;
            const live = () =>
              model.filter(({ endedMs }) => nowMs - endedMs < windowMs).slice(-tasksMax || 1e9);
            const known = tasksMax === 0 ? undefined : live().find((entry) => entry.id === id);
            expect(window.recall(id, nowMs)).toBe(known?.value);
            const index = model.findIndex((entry) => entry.id === id);
            if (index >= 0) model.splice(index, 1);
            model.push({ id, value, endedMs: nowMs });
            window.remember(id, value, nowMs);
            expect(window.size).toBeLessThanOrEqual(tasksMax);
            if (tasksMax > 0) model.splice(0, Math.max(0, live().length - tasksMax));
          });
        },
      ),
    );
  });
});
