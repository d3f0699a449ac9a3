import { describe, expect, it } from 'vitest';
import { explainTask } from './explain.js';
import { reportOf } from './report.js';
import { TrialHead, trialTask } from './testing/trial-head.js';

const many = (count: number, spec: Parameters<typeof trialTask>[1] = {}, name = 't') =>
  Array.from({ length: count }, (_, index) => trialTask(`${name}${index}`, spec));

/** Workers that take a task per slot and no more, so that the order of assignment shows. */
const STRICT = { prefetchMs: 0, stealMs: Number.POSITIVE_INFINITY };

/** Runs everything that is assigned, in the order of assignment, until nothing is. */
function workOff(head: TrialHead): string[] {
  const order: string[] = [];
  for (
    let next = head.state.assigned.values().next();
    !next.done;
    next = head.state.assigned.values().next()
  ) {
    const { id, worker } = next.value;
    order.push(id);
    head.commit(worker!.id, head.start(id));
  }
  return order;
}

describe('which task is next', () => {
  it('fifo: the order of arrival, whatever the priority', () => {
    const head = TrialHead.leading({ ...STRICT, order: 'fifo' });
    head.submit(trialTask('low'), trialTask('high', { priority: 9 }));
    head.join('w');
    expect(workOff(head)).toEqual(['low', 'high']);
  });

  it('priority: the urgent first, equals in the order of arrival, across kinds of demand', () => {
    const head = TrialHead.leading({ ...STRICT, order: 'priority' });
    const cpu = { resources: { cpu: 1 } };
    head.submit(trialTask('a'), trialTask('b', cpu), trialTask('c', { priority: 5, ...cpu }), trialTask('d'));
    head.join('w');
    expect(workOff(head)).toEqual(['c', 'a', 'b', 'd']);
  });

  it('fair-share: tenants by weight, however much one of them submits first', () => {
    const head = TrialHead.leading({ ...STRICT, order: 'fair-share', weights: { big: 3 } });
    head.submit(...many(300, { tenant: 'big' }, 'big'), ...many(300, { tenant: 'small' }, 'small'));
    head.join('w');
    const order = workOff(head).slice(0, 80);
    const big = order.filter((id) => id.startsWith('big')).length;
    expect(big / order.length).toBeGreaterThan(0.7);
    expect(big / order.length).toBeLessThan(0.8);
  });

  it('a tenant that was idle does not catch up on the past', () => {
    const head = TrialHead.leading({ ...STRICT, order: 'fair-share' });
    head.join('w');
    head.submit(...many(100, { tenant: 'early' }, 'early'));
    workOff(head);
    head.feed({ type: 'worker-drain', worker: 'w', action: 'drain' });
    head.submit(...many(10, { tenant: 'early' }, 'again'), ...many(10, { tenant: 'late' }, 'late'));
    head.feed({ type: 'worker-drain', worker: 'w', action: 'resume' });
    const first = workOff(head).slice(0, 10);
    const late = first.filter((id) => id.startsWith('late')).length;
    expect(late).toBeGreaterThanOrEqual(4);
    expect(late).toBeLessThanOrEqual(6);
  });
});

describe('which worker takes it', () => {
  it('round-robin: one after the other', () => {
    const head = TrialHead.leading({ place: 'round-robin' });
    for (const id of ['x', 'y', 'z']) head.join(id, { slots: 4 });
    head.submit(...many(6));
    const workers = [...head.state.assigned.values()].map(({ worker }) => worker!.id);
    expect(workers).toEqual(['x', 'y', 'z', 'x', 'y', 'z']);
  });

  it('least-loaded: by tasks per slot', () => {
    const head = TrialHead.leading({ ...STRICT, place: 'least-loaded' });
    head.join('small', { slots: 2 });
    head.join('large', { slots: 6 });
    head.submit(...many(8));
    const large = head.assigned().filter((pair) => pair.endsWith('@large'));
    expect(large).toHaveLength(6);
  });

  it('resource-aware: where what is free lines up with what is asked for', () => {
    const head = TrialHead.leading({ place: 'resource-aware' });
    head.join('memory', { resources: { cpu: 2, memoryBytes: 8000, gpu: 0, custom: {} } });
    head.join('cpu', { resources: { cpu: 8, memoryBytes: 2000, gpu: 0, custom: {} } });
    head.submit(
      trialTask('fills-memory', { resources: { cpu: 1, memoryBytes: 2000 } }),
      trialTask('fills-cpu', { resources: { cpu: 2, memoryBytes: 100 } }),
    );
    expect(head.assigned()).toEqual(['fills-memory@cpu', 'fills-cpu@memory']);
    expect(head.state.workers.get('memory')!.free.get('cpu')).toBe(0);
  });

  it('locality: where least has to be moved, unless waiting there takes longer', () => {
    const head = TrialHead.leading({ place: 'locality' });
    head.join('far');
    head.join('near', { slots: 1 });
    const inputs = [{ bytes: 50_000_000, workers: ['near'] }];
    head.submit(trialTask('heavy', { inputs }), trialTask('light'));
    expect(head.assigned()).toEqual(['heavy@near', 'light@far']);
  });

  it('by node, host and labels', () => {
    const head = TrialHead.leading();
    head.join('x', { labels: { disk: 'fast' } });
    head.join('y');
    head.submit(
      trialTask('by-name', { placement: { node: 'y' } }),
      trialTask('by-host', { placement: { node: 'host-of-x' } }),
      trialTask('by-label', { placement: { labels: { disk: 'fast' } } }),
    );
    expect(head.assigned().sort()).toEqual(['by-host@x', 'by-label@x', 'by-name@y']);
  });

  it('spread, pack and same-node', () => {
    const groups = (rule: 'spread' | 'pack' | 'same-node') => {
      const head = TrialHead.leading();
      for (const id of ['x', 'y', 'z']) head.join(id, { slots: 3 });
      head.submit(...many(3, { placement: { group: { name: 'g', rule } } }));
      return new Set(head.assigned().map((pair) => pair.split('@')[1])).size;
    };
    expect(groups('spread')).toBe(3);
    expect(groups('pack')).toBe(1);
    expect(groups('same-node')).toBe(1);
  });

  it('same-node waits for its worker rather than going elsewhere', () => {
    const head = TrialHead.leading(STRICT);
    head.join('x');
    head.join('y');
    head.submit(...many(2, { placement: { group: { name: 'g', rule: 'same-node' } } }));
    expect(head.assigned()).toHaveLength(1);
    expect(explainTask(head.state, 't1', 0)?.candidates).toContain('y: the group runs on another worker');
  });
});

describe('what can never be placed', () => {
  it('is refused at submission, naming the largest there is', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(
      trialTask('much', { resources: { cpu: 1000 } }),
      trialTask('nowhere', { placement: { node: 'no-such-node' } }),
      trialTask('neither', { placement: { labels: { gpu: 'a100' } } }),
    );
    const reasons = head
      .of('refuse')
      .flatMap(({ tasks }) => tasks.map(({ code, reason }) => `${code} ${reason}`));
    expect(reasons).toEqual([
      'E_CAPABILITY_MISSING It asks for 1000 of "cpu"; the most on one worker is 4.',
      'E_CAPABILITY_MISSING No worker is called "no-such-node"; there are 1.',
      'E_CAPABILITY_MISSING No worker is labelled gpu=a100; there are 1.',
    ]);
  });

  it('waits while no worker is known, or while the one it needs restarts', () => {
    const head = TrialHead.leading({ departedMs: 60_000 });
    head.submit(trialTask('early', { resources: { cpu: 1000 } }));
    expect(head.refused()).toEqual([]);
    head.join('w');
    head.feed({ type: 'worker-leave', worker: 'w', bootId: 'boot', reason: 'left' });
    head.submit(trialTask('patient', { placement: { node: 'w' } }));
    expect(head.refused()).toEqual([]);
    head.join('w', { bootId: 'next' });
    expect(head.assigned()).toEqual(['patient@w']);
  });
});

describe('fairness between large and small', () => {
  it('keeps a worker free for a task that was passed by for long', () => {
    const head = TrialHead.leading({ ...STRICT, starveMs: 1000 });
    head.join('w', { slots: 4 });
    head.submit(...many(3, { resources: { cpu: 1 } }, 'small'));
    head.submit(trialTask('large', { resources: { cpu: 4 } }));
    head.submit(...many(20, { resources: { cpu: 1 } }, 'later'));
    const finish = (id: string) => head.commit('w', head.start(id));
    head.nowMs = 1500;
    finish('small0');
    const assigned = head.assigned().length;
    finish('small1');
    finish('small2');
    for (const entry of [...head.state.assigned.values()]) if (entry.id.startsWith('later')) finish(entry.id);
    expect(head.assigned()[assigned]).toBe('large@w');
  });
});

describe('stealing and draining', () => {
  it('an idle worker gets what waits at a busy one', () => {
    const head = TrialHead.leading({ prefetchMs: 10_000 });
    head.join('busy', { slots: 1 });
    head.submit(...many(9));
    head.start('t0');
    head.clear();
    head.join('idle', { slots: 1 });
    const asked = head.of('revoke').flatMap(({ tasks }) => tasks);
    expect(asked.map(({ id, action }) => `${id} ${action}`)).toEqual([
      't8 revoke',
      't7 revoke',
      't6 revoke',
      't5 revoke',
    ]);
    const tasks = asked.map(({ id, attempt, token }) => ({ id, attempt, token }));
    head.feed({ type: 'returned', worker: 'busy', bootId: 'boot', tasks });
    expect(head.assigned()).toHaveLength(4);
    expect(head.assigned().every((pair) => pair.endsWith('@idle'))).toBe(true);
    expect(reportOf(head.state).counters.stolen).toBe(4);
  });

  it('a drained worker gives back what it has not begun and is told when it is empty', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(...many(3));
    const running = head.start('t0');
    head.feed({ type: 'worker-drain', worker: 'w', action: 'drain' });
    const waiting = ['t1', 't2'].map((id) => head.assignment(id));
    head.feed({ type: 'returned', worker: 'w', bootId: 'boot', tasks: waiting });
    expect(head.of('drained')).toEqual([]);
    head.commit('w', running);
    expect(head.of('drained')).toEqual([{ type: 'drained', worker: 'w' }]);
    expect(head.state.waiting).toBe(2);
    expect(explainTask(head.state, 't1', 0)?.candidates).toEqual(['w: it drains']);
  });
});

describe('explain and report', () => {
  it('says why a task waits and where others went', () => {
    const head = TrialHead.leading(STRICT);
    head.join('w');
    head.submit(trialTask('runs'), trialTask('waits'));
    head.nowMs = 2000;
    expect(explainTask(head.state, 'waits', head.nowMs)).toMatchObject({
      state: 'waiting',
      reason: expect.stringContaining('It has waited 2.0 s.'),
      candidates: ['w: it has 1 tasks for 1 slots'],
    });
    expect(explainTask(head.state, 'runs', head.nowMs)?.reason).toContain(
      'worker "w" was chosen of 1 with room: it had the least per slot (0 tasks).',
    );
    head.commit('w', head.start('runs'));
    expect(explainTask(head.state, 'runs', head.nowMs)?.reason).toBe(
      'It ended ok 0.0 s ago, as its worker reported.',
    );
    expect(explainTask(head.state, 'nobody', 0)).toBeUndefined();
    const report = reportOf(head.state);
    expect(report.tasks).toMatchObject({ open: 1, waiting: 0, assigned: 1, remembered: 1 });
    expect(report.counters).toMatchObject({ submitted: 2, assigned: 2, committed: 1 });
    expect(report.waits.counts.reduce((sum, count) => sum + count)).toBe(2);
  });
});

describe('a worker under pressure', () => {
  const pressed = (slots: number, level: 'no-stealing' | 'refusing') =>
    ({
      cpu: 1,
      memoryFreeBytes: 0,
      slots,
      overload: { level, reason: '95 % of the memory is taken.' },
    }) as const;

  it('takes nothing from busier ones', () => {
    const stolen = (overload: 'none' | 'no-stealing') => {
      const head = TrialHead.leading({ prefetchMs: 1_000, stealMs: 1 });
      head.join('busy');
      head.join('idle');
      head.feed({ type: 'worker-drain', worker: 'idle', action: 'drain' });
      head.submit(...many(40));
      if (overload !== 'none')
        head.feed({ type: 'worker-load', worker: 'idle', bootId: 'boot', load: pressed(1, overload) });
      head.feed({ type: 'worker-drain', worker: 'idle', action: 'resume' });
      // So that the head knows that they take long.
      head.commit('busy', head.start('t0'), { runUs: 50_000 });
      head.advance(10);
      return head.of('revoke').length;
    };
    expect(stolen('none')).toBeGreaterThan(0);
    expect(stolen('no-stealing')).toBe(0);
  });

  it('that refuses gives back what has not begun there, though others are busy', () => {
    const head = TrialHead.leading({ prefetchMs: 1_000, stealMs: 1_000_000 });
    head.join('pressed', { slots: 2 });
    head.join('other', { slots: 2 });
    head.submit(...many(40));
    const begun = head
      .of('assign')
      .find(({ worker }) => worker === 'pressed')!
      .tasks.slice(0, 2);
    for (const { id } of begun) head.start(id);
    const load = pressed(0, 'refusing');
    head.feed({ type: 'worker-load', worker: 'pressed', bootId: 'boot', load });
    const asked = head.of('revoke').flatMap(({ tasks }) => tasks);
    expect(asked).toHaveLength(18);
    expect(asked.map(({ id }) => id)).not.toContain(begun[0]!.id);
    head.feed({ type: 'worker-load', worker: 'pressed', bootId: 'boot', load });
    expect(head.of('revoke').flatMap(({ tasks }) => tasks)).toHaveLength(18);
  });

  it('that refuses gets nothing, and explain says why', () => {
    const head = TrialHead.leading(STRICT);
    head.join('w', { slots: 2 });
    head.feed({ type: 'worker-load', worker: 'w', bootId: 'boot', load: pressed(0, 'refusing') });
    head.submit(trialTask('t'));
    expect(head.assigned()).toEqual([]);
    expect(explainTask(head.state, 't', 0)?.candidates).toEqual([
      'w: it has 0 tasks for 0 slots, refusing: it offers 0 of 2 because 95 % of the memory is taken.',
    ]);
    expect(reportOf(head.state).workers[0]?.overload).toBe('refusing');
    head.feed({
      type: 'worker-load',
      worker: 'w',
      bootId: 'boot',
      load: { cpu: 0, memoryFreeBytes: 9, slots: 2 },
    });
    expect(head.assigned()).toEqual(['t@w']);
  });
});
