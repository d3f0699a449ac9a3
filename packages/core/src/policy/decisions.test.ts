import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CancelAnswer, CancelStrategy } from '../contract/index.js';
import {
  afterGrace,
  decideRetry,
  type FailedAttempt,
  firstStop,
  NEVER,
  nextDeadlineMs,
  nextStop,
  passedTimeout,
  ReleaseGraph,
  RetryBudget,
  type RetryPolicy,
  type StopPolicy,
} from './index.js';

const policy: RetryPolicy = { attempts: 3, on: ['lost'], backoffMs: 100, backoffMsMax: 1000 };
const failed: FailedAttempt = {
  cause: 'lost',
  attemptsMade: 1,
  started: 'yes',
  delivery: 'at-least-once',
  isFinal: false,
};
const budget = (reserve = 10) => new RetryBudget({ ratio: 0, reserve });
const half = () => 0.5;

describe('decideRetry', () => {
  it('retries within the policy, after half the ceiling for a draw of one half', () => {
    expect(decideRetry(failed, policy, budget(), half)).toEqual({ action: 'retry', delayMs: 50 });
    expect(decideRetry({ ...failed, attemptsMade: 2 }, policy, budget(), half)).toEqual({
      action: 'retry',
      delayMs: 100,
    });
  });

  it('ends for the reason that holds, without spending budget', () => {
    const spent = budget(1);
    const end = (why: string) => ({ action: 'end', why });
    expect(decideRetry({ ...failed, attemptsMade: 3 }, policy, spent, half)).toEqual(end('attempts-spent'));
    expect(decideRetry({ ...failed, isFinal: true }, policy, spent, half)).toEqual(end('final'));
    expect(decideRetry({ ...failed, cause: 'app-error' }, policy, spent, half)).toEqual(end('final'));
    expect(decideRetry({ ...failed, delivery: 'at-most-once' }, policy, spent, half)).toEqual(
      end('may-have-run'),
    );
    expect(decideRetry(failed, policy, spent, half).action).toBe('retry');
    expect(decideRetry(failed, policy, spent, half)).toEqual(end('budget-spent'));
  });

  it('never retries at-most-once tasks that may have run', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('lost', 'app-error', 'timeout', 'unknown'),
        fc.constantFrom('yes', 'maybe'),
        (cause, started) => {
          const decision = decideRetry(
            { ...failed, cause, started, delivery: 'at-most-once' },
            { ...policy, on: ['lost', 'app-error', 'timeout', 'unknown'], attempts: 100 },
            budget(),
            half,
          );
          expect(decision.action).toBe('end');
        },
      ),
    );
  });
});

describe('task timeouts', () => {
  const moment = fc.nat(100);
  const maybe = fc.oneof(fc.constant(NEVER), moment);
  const timeout = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 100 }));

  it('the next deadline is exactly the first moment at which one has passed', () => {
    fc.assert(
      fc.property(
        fc.record({
          scheduleToStartMs: timeout,
          startToCloseMs: timeout,
          scheduleToCloseMs: timeout,
          heartbeatMs: timeout,
        }),
        moment,
        maybe,
        moment,
        (timeouts, scheduledMs, startedAfter, beatAfter) => {
          const attemptStartMs = scheduledMs + startedAfter;
          const moments = {
            scheduledMs,
            firstStartMs: attemptStartMs,
            attemptStartMs,
            heartbeatMs: Number.isNaN(attemptStartMs) ? NEVER : attemptStartMs + beatAfter,
          };
          const dueMs = nextDeadlineMs(timeouts, moments);
          if (dueMs === Number.POSITIVE_INFINITY) return;
          expect(passedTimeout(timeouts, moments, dueMs - 1)).toBeUndefined();
          expect(passedTimeout(timeouts, moments, dueMs)).toBeDefined();
        },
      ),
    );
  });
});

describe('stopping', () => {
  const base: StopPolicy = { how: 'ask', graceMs: 1, escalate: 'kill' };

  it('asks first, or uses force where told to and possible', () => {
    expect(firstStop(base, true)).toBe('ask');
    expect(firstStop({ ...base, how: 'kill' }, true)).toBe('kill');
    expect(firstStop({ ...base, how: 'kill' }, false)).toBe('ask');
    expect(firstStop({ ...base, how: 'forget' }, true)).toBe('forget');
  });

  it('always comes to an end, whatever the answers', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<CancelStrategy>('ask', 'kill', 'forget'),
        fc.constantFrom<'kill' | 'forget'>('kill', 'forget'),
        fc.boolean(),
        fc.array(
          fc.constantFrom<CancelAnswer>(
            'cancelled',
            'requested',
            'already-done',
            'unsupported',
            'unknown-task',
          ),
          { minLength: 5, maxLength: 5 },
        ),
        (how, escalate, canKill, answers) => {
          const chosen = { ...base, how, escalate };
          let asked = firstStop(chosen, canKill);
          const steps: CancelStrategy[] = [asked];
          for (const answer of answers) {
            const step = nextStop(asked, answer, chosen, canKill);
            if (step === 'done') break;
            const next = step === 'wait' ? afterGrace(asked, chosen, canKill) : step;
            expect(next).not.toBe(asked);
            asked = next;
            steps.push(asked);
          }
          expect(steps.length).toBeLessThanOrEqual(3);
          expect(canKill || !steps.includes('kill')).toBe(true);
          expect(new Set(steps).size).toBe(steps.length);
        },
      ),
    );
  });
});

describe('ReleaseGraph', () => {
  it('releases a node when all its parents ended well, skips it when one did not, each node once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.tuple(fc.nat(100), fc.boolean()), { minLength: 200, maxLength: 200 }),
        (edges, picks) => {
          const nodes = edges.map((_, index) => ({ index }));
          const parentsOf = edges.map((parents, index) => [
            ...new Set(parents.filter((parent) => parent < index)),
          ]);
          const graph = new ReleaseGraph<{ index: number }>();
          const running = new Set<{ index: number }>();
          const ended = new Map<number, 'ok' | 'failed' | 'skipped'>();
          nodes.forEach((node, index) => {
            const parents = parentsOf[index]!;
            if (parents.length === 0) running.add(node);
            else
              graph.add(
                node,
                [...parents, ...parents].map((parent) => nodes[parent]!),
              );
          });
          for (const [pick, isOk] of picks) {
            const node = [...running][pick % Math.max(1, running.size)];
            if (node === undefined) break;
            running.delete(node);
            ended.set(node.index, isOk ? 'ok' : 'failed');
            const { ready, skipped } = graph.end(node, isOk ? 'ok' : 'failed');
            for (const child of ready) {
              expect(running.has(child) || ended.has(child.index)).toBe(false);
              expect(parentsOf[child.index]!.every((parent) => ended.get(parent) === 'ok')).toBe(true);
              running.add(child);
            }
            for (const { node: child, because } of skipped) {
              expect(running.has(child) || ended.has(child.index)).toBe(false);
              expect(parentsOf[child.index]).toContain(because.index);
              expect(['failed', 'skipped']).toContain(ended.get(because.index));
              ended.set(child.index, 'skipped');
            }
          }
          expect(running.size).toBe(0);
          expect(ended.size).toBe(nodes.length);
          expect(graph.size).toBe(0);
        },
      ),
    );
  });

  it('forgets a waiting node that ended by itself, and skips what waits for it', () => {
    const [top, middle, bottom] = [{ n: 1 }, { n: 2 }, { n: 3 }];
    const graph = new ReleaseGraph<object>();
    graph.add(middle, [top]);
    graph.add(bottom, [middle]);
    expect([...graph.childrenOf(top)]).toEqual([middle]);
    expect(graph.end(middle, 'failed').skipped).toEqual([{ node: bottom, because: middle }]);
    expect(graph.end(top, 'ok')).toEqual({ ready: [], skipped: [] });
    expect(graph.size).toBe(0);
  });
});
