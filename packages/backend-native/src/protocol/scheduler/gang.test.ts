import type { GroupRule } from '@anant/core';
import { randomInteger, seededRandom } from '@anant/core/testing';
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

describe('same-node', () => {
  const trial = () => {
    const head = TrialHead.leading({ ...STRICT, stealMs: 1 });
    for (const id of ['x', 'y', 'z']) head.join(id, { slots: 1, host: 'one' });
    head.submit(...members(3, 'same-node'));
    return { head, home: workersOf(head)[0]! };
  };

  it('stays there between its tasks, too, and is not stolen', () => {
    const { head, home } = trial();
    for (const id of ['g0', 'g1', 'g2']) {
      head.commit(home, head.start(id));
      head.advance(100);
    }
    expect(head.assigned()).toEqual([`g0@${home}`, `g1@${home}`, `g2@${home}`]);
    expect(head.of('revoke')).toEqual([]);
  });

  it('moves when that worker is gone', () => {
    const { head, home } = trial();
    head.commit(home, head.start('g0'));
    head.feed({ type: 'worker-leave', worker: home, bootId: 'boot', reason: 'left' });
    const [other] = workersOf(head).slice(-1);
    expect(other).not.toBe(home);
  });

  it('goes elsewhere with what that worker could never run, once the others have ended', () => {
    const head = TrialHead.leading(STRICT);
    head.join('x', { slots: 1, resources: { cpu: 1, memoryBytes: 0, gpu: 0, custom: {} } });
    head.submit(...members(2, 'same-node'));
    head.join('y', { slots: 1, resources: { cpu: 4, memoryBytes: 0, gpu: 0, custom: {} } });
    head.submit(...members(1, 'same-node', undefined, 2).map((task) => ({ ...task, resources: { cpu: 2 } })));
    for (const id of ['g0', 'g1']) head.commit('x', head.start(id));
    expect(head.assigned()).toEqual(['g0@x', 'g1@x', 'g2@y']);
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

describe('gangs among other work', () => {
  /** Small tasks without end on every slot; one of them ends at a time. */
  function stream(head: TrialHead, { slots, rounds }: { slots: number; rounds: number }) {
    for (let at = 0; at < slots; at++) head.submit(trialTask(`s${at}`));
    return (done: () => boolean): number => {
      for (let round = 0; round < rounds; round++) {
        if (done()) return round;
        head.submit(trialTask(`s${slots + round}`));
        head.advance(10);
        const oldest = [...head.state.assigned.values()].find(({ id }) => id.startsWith('s'));
        if (oldest) head.commit(oldest.worker!.id, head.start(oldest.id));
      }
      return rounds;
    };
  }

  const gangOf = (name: string, tasks: number, rule: GroupRule = 'spread') =>
    Array.from({ length: tasks }, (_, at) =>
      trialTask(`${name}${at}`, { placement: { group: { name, rule, tasks } } }),
    );
  const count = (head: TrialHead, name: string) =>
    head.assigned().filter((pair) => pair.startsWith(name)).length;

  it.each(['spread', 'pack', 'same-node'] as const)(
    'are not passed for ever by a stream of small tasks (%s)',
    (rule) => {
      const head = TrialHead.leading({ ...STRICT, starveMs: 100 });
      head.join('x', { slots: 3 });
      head.join('y', { slots: 3 });
      const run = stream(head, { slots: 6, rounds: 200 });
      head.submit(...gangOf('g', 3, rule));
      expect(run(() => count(head, 'g') > 0)).toBeLessThan(40);
      expect(count(head, 'g')).toBe(3);
      // Nothing is kept any more.
      expect(head.state.gangTurn).toBeUndefined();
      for (const { reservedFor } of head.state.workers.values()) expect(reservedFor).toBeUndefined();
    },
  );

  it('have the turn one after the other, the oldest first', () => {
    const head = TrialHead.leading({ ...STRICT, starveMs: 100 });
    for (const id of ['w', 'x', 'y']) head.join(id, { slots: 1 });
    const run = stream(head, { slots: 3, rounds: 400 });
    head.submit(...gangOf('g', 3), ...gangOf('h', 3));
    run(() => count(head, 'g') > 0);
    expect([count(head, 'g'), count(head, 'h')]).toEqual([3, 0]);
    for (const at of [0, 1, 2]) head.commit(head.state.tasks.get(`g${at}`)!.worker!.id, head.start(`g${at}`));
    run(() => count(head, 'h') > 0);
    expect(count(head, 'h')).toBe(3);
  });

  it('give the turn back when what runs there does not end, and go first again after a pause', () => {
    const head = TrialHead.leading({ ...STRICT, starveMs: 100, gangTurnMs: 1_000 });
    head.join('x', { slots: 1 });
    head.join('y', { slots: 1 });
    head.submit(trialTask('endless'), trialTask('short'));
    head.submit(...gangOf('g', 2));
    const end = (id: string) => head.commit(head.state.tasks.get(id)!.worker!.id, head.start(id));
    end('short');
    head.submit(trialTask('passes'));
    head.advance(200);
    end('passes');
    expect(head.state.gangTurn?.workers.map(({ id }) => id).toSorted()).toEqual(['x', 'y']);
    expect(explainTask(head.state, 'g0', head.nowMs)!.reason).toContain('Kept free for it: ');
    head.submit(trialTask('small'));
    expect(count(head, 'small')).toBe(0);
    head.advance(1_000);
    expect(count(head, 'small')).toBe(1);
    end('small');
    expect(head.state.gangTurn).toBeUndefined();
    head.submit(trialTask('more'));
    head.advance(1_000);
    end('more');
    expect(head.state.gangTurn?.gang.queue.size).toBe(2);
    end('endless');
    expect(count(head, 'g')).toBe(2);
  });

  it('look for other workers when one that is kept drains, and keep none when they are cancelled', () => {
    const head = TrialHead.leading({ ...STRICT, starveMs: 100 });
    for (const id of ['w', 'x', 'y']) head.join(id, { slots: 1 });
    const run = stream(head, { slots: 3, rounds: 200 });
    head.submit(...gangOf('g', 2));
    run(() => head.state.gangTurn !== undefined);
    const [kept] = head.state.gangTurn!.workers;
    head.feed({ type: 'worker-drain', worker: kept!.id, action: 'drain' });
    run(() => count(head, 'g') > 0);
    expect(count(head, 'g')).toBe(2);
  });

  it('do not keep workers from each other', () => {
    const head = TrialHead.leading({ ...STRICT, starveMs: 10 });
    for (const id of ['w', 'x', 'y', 'z']) head.join(id);
    const gang = (name: string) =>
      [0, 1, 2, 3].map((at) =>
        trialTask(`${name}${at}`, { placement: { group: { name, rule: 'spread', tasks: 4 } } }),
      );
    const busy = ['t1', 't2', 't3', 't4'];
    head.submit(...busy.map((id) => trialTask(id)), ...gang('a'), ...gang('b'));
    for (const id of busy) {
      head.advance(20);
      head.commit(head.state.tasks.get(id)!.worker!.id, head.start(id));
    }
    expect(
      head
        .assigned()
        .slice(4)
        .map((pair) => pair[0]),
    ).toEqual(['a', 'a', 'a', 'a']);
  });

  it.each([1, 2, 3, 4, 5, 6])('never begin in part, and all begin once there is room (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const head = TrialHead.leading({ prefetchMs: 5, starveMs: 10 });
    const rules = ['spread', 'pack', 'same-node'] as const;
    for (const id of ['w', 'x', 'y', 'z'])
      head.join(id, { slots: 1 + randomInteger(random, 4), host: id < 'y' ? 'a' : 'b' });
    const sizes = new Map<string, number>();
    const begun = new Map<string, number>();
    const look = () => {
      const counts = new Map<string, number>();
      for (const { tasks } of head.of('assign')) {
        for (const { id } of tasks) {
          const [name] = id.split('-');
          if (sizes.has(name!)) counts.set(name!, (counts.get(name!) ?? 0) + 1);
        }
      }
      head.clear();
      for (const [name, count] of counts) {
        expect(begun.has(name) || count === sizes.get(name)).toBe(true);
        begun.set(name, (begun.get(name) ?? 0) + count);
      }
    };
    const end = (count: number) => {
      for (const { id, worker } of [...head.state.assigned.values()].slice(0, count))
        head.commit(worker!.id, head.start(id));
    };
    for (let step = 0; step < 120; step++) {
      const size = 1 + randomInteger(random, 4);
      const name = `g${step}`;
      const rule = rules[randomInteger(random, 3)]!;
      const group = { name, rule, tasks: size };
      const resources =
        randomInteger(random, 3) === 0 ? { resources: { cpu: 1 + randomInteger(random, 3) } } : {};
      if (randomInteger(random, 2) === 0) {
        sizes.set(name, size);
        const all = Array.from({ length: size }, (_, at) =>
          trialTask(`${name}-${at}`, { placement: { group }, ...resources }),
        );
        head.submit(...all);
        // What never could begin is refused whole.
        if (head.refused().length > 0) sizes.delete(name);
      } else head.submit(trialTask(`t${step}`, resources));
      look();
      head.advance(randomInteger(random, 20));
      end(randomInteger(random, 6));
      look();
    }
    for (let round = 0; round < 1_000 && head.state.tasks.size > 0; round++) {
      end(Number.POSITIVE_INFINITY);
      look();
      head.advance(20);
    }
    expect(head.state.tasks.size).toBe(0);
    for (const [name, size] of sizes) expect([name, begun.get(name)]).toEqual([name, size]);
  });
});
