import type { GroupRule } from '@anant/core';
import { describe, expect, it } from 'vitest';
import { explainTask } from './explain.js';
import { TrialHead, trialTask } from './testing/trial-head.js';

/** Workers that take a task per slot and no more. */
const STRICT = { prefetchMs: 0, stealMs: Number.POSITIVE_INFINITY };

const members = (count: number, rule: GroupRule, tasks?: number, from = 0) =>
  Array.from({ length: count }, (_, index) =>
    trialTask(`g${from + index}`, {
      placement: { group: { name: 'g', rule, ...(tasks !== undefined && { tasks }) } },
    }),
  );

const workersOf = (head: TrialHead): string[] => head.assigned().map((pair) => pair.split('@')[1]!);

describe('groups on workers of one host', () => {
  it('spread over the workers', () => {
    const head = TrialHead.leading();
    for (const id of ['x', 'y', 'z']) head.join(id, { slots: 4, host: 'one' });
    head.submit(...members(6, 'spread'));
    expect(workersOf(head).toSorted()).toEqual(['x', 'x', 'y', 'y', 'z', 'z']);
  });

  it('pack on one before the next', () => {
    const head = TrialHead.leading(STRICT);
    for (const id of ['x', 'y', 'z']) head.join(id, { slots: 3, host: 'one' });
    head.submit(...members(4, 'pack'));
    expect(new Set(workersOf(head)).size).toBe(2);
  });

  it('same-node stays with the worker that took the first', () => {
    const head = TrialHead.leading(STRICT);
    for (const id of ['x', 'y']) head.join(id, { slots: 2, host: 'one' });
    head.submit(...members(3, 'same-node'));
    expect(new Set(workersOf(head)).size).toBe(1);
    expect(head.assigned()).toHaveLength(2);
    const candidates = explainTask(head.state, 'g2', 0)!.candidates;
    expect(candidates.filter((line) => line.endsWith('the group runs on another worker'))).toHaveLength(1);
  });
});

describe('a gang', () => {
  it('begins when all of it wait, in one step', () => {
    const head = TrialHead.leading(STRICT);
    head.join('x', { slots: 2 });
    head.join('y', { slots: 2 });
    head.submit(...members(2, 'spread', 3));
    expect(head.assigned()).toEqual([]);
    expect(explainTask(head.state, 'g0', 0)!.reason).toContain('begins when 3 of it wait; 2 do.');
    head.submit(...members(1, 'spread', 3, 2));
    expect(head.assigned()).toHaveLength(3);
    expect(head.of('assign').length).toBeLessThanOrEqual(2);
  });

  it('begins when there is a free slot for each, and lets others pass until then', () => {
    const head = TrialHead.leading({ ...STRICT, starveMs: Number.POSITIVE_INFINITY });
    head.join('x', { slots: 2 });
    head.submit(trialTask('before'));
    head.submit(...members(2, 'pack', 2));
    expect(head.assigned()).toEqual(['before@x']);
    expect(explainTask(head.state, 'g0', 0)!.reason).toContain('2 slots are free at once in all; 1 are.');
    head.submit(trialTask('small'));
    expect(head.assigned()).toEqual(['before@x', 'small@x']);
    head.commit('x', head.start('before'));
    expect(head.assigned()).toHaveLength(2);
    head.commit('x', head.start('small'));
    expect(head.assigned().slice(2)).toEqual(['g0@x', 'g1@x']);
  });

  it('counts what its tasks ask for, not only slots', () => {
    const head = TrialHead.leading(STRICT);
    head.join('x', { slots: 4, resources: { cpu: 3, memoryBytes: 0, gpu: 0, custom: {} } });
    head.join('y', { slots: 4, resources: { cpu: 3, memoryBytes: 0, gpu: 0, custom: {} } });
    const wide = members(3, 'spread', 3).map((task) => ({ ...task, resources: { cpu: 2 } }));
    head.submit(...wide);
    expect(head.refused()).toEqual(['g0', 'g1', 'g2'].map((id) => `${id} E_CAPABILITY_MISSING`));
    head.submit(...members(2, 'spread', 2).map((task) => ({ ...task, resources: { cpu: 2 } })));
    expect(workersOf(head).toSorted()).toEqual(['x', 'y']);
  });

  it('on one node takes the worker that has room for all of it', () => {
    const head = TrialHead.leading(STRICT);
    head.join('small', { slots: 2, host: 'one' });
    head.join('large', { slots: 3, host: 'one' });
    head.submit(...members(3, 'same-node', 3));
    expect(workersOf(head)).toEqual(['large', 'large', 'large']);
  });

  it('is refused when it never could begin, saying what is missing', () => {
    const head = TrialHead.leading();
    head.join('x', { slots: 2 });
    head.join('y', { slots: 3 });
    head.submit(...members(1, 'same-node', 4));
    head.submit(...members(1, 'spread', 6, 1));
    head.submit(...members(1, 'spread', 5, 2));
    const reasons = head.of('refuse').flatMap(({ tasks }) => tasks.map(({ reason }) => reason));
    expect(reasons).toEqual([
      'Its group "g" needs 4 slots at once on one worker; there are 3 that could take its tasks.',
      'Its group "g" needs 6 slots at once in all; there are 5 that could take its tasks.',
    ]);
  });

  it('that has begun takes back what returns, and tries again, one by one', () => {
    const head = TrialHead.leading(STRICT);
    head.join('x', { slots: 2 });
    head.submit(...members(2, 'pack', 2));
    head.clear();
    // One is given back before it began; the other runs on.
    const returned = head.assignment('g1');
    head.start('g0');
    head.feed({ type: 'returned', worker: 'x', bootId: 'boot', tasks: [returned] });
    expect(head.assigned()).toEqual(['g1@x']);
    head.commit('x', head.start('g1'));
    head.commit('x', head.start('g0'));
    const again = members(1, 'pack', 2).map((task) => ({ ...task, id: 'later', attempt: 2 }));
    head.submit(...again);
    expect(head.assigned()).toEqual(['g1@x', 'later@x']);
  });
});
