import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audit } from '../../simulator/scheduler/audit.js';
import { newSchedulerState, replay, type TaskSpec } from './index.js';
import { canonicalState, snapshotRecords } from './snapshot.js';
import { TrialHead, trialTask } from './testing/trial-head.js';

describe('repeated submissions', () => {
  it('acknowledges the same again, refuses other contents, older attempts and other sessions', () => {
    const head = TrialHead.leading();
    head.submit(trialTask('a', { attempt: 2 }));
    head.submit(trialTask('a', { attempt: 2 }));
    expect(head.of('acknowledge')).toHaveLength(2);
    expect(head.state.waiting).toBe(1);
    head.submit(trialTask('a', { attempt: 2, digest: 'other' }), trialTask('a', { attempt: 1 }));
    head.feed({ type: 'session-open', session: 'other', tenant: '' });
    head.feed({ type: 'submit', session: 'other', tasks: [trialTask('a', { attempt: 2 })] });
    expect(head.refused()).toEqual(Array(3).fill('a E_TASK_DUPLICATE'));
  });

  it('sends an end again that was not confirmed, and refuses what was', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(trialTask('a'));
    head.commit('w', head.start('a'));
    head.submit(trialTask('a'));
    expect(head.ended()).toEqual(['a#1 ok', 'a#1 ok']);
    head.feed({ type: 'ends-seen', session: 'driver', sequence: 1 });
    head.submit(trialTask('a'));
    expect(head.refused()).toEqual(['a E_TASK_DUPLICATE']);
  });

  it('a newer attempt ends the older one and fences it off', () => {
    const head = TrialHead.leading();
    head.join('w', { slots: 2 });
    head.submit(trialTask('a'));
    const old = head.start('a');
    head.submit(trialTask('a', { attempt: 2 }));
    expect(head.ended()).toEqual(['a#1 lost']);
    head.commit('w', old);
    expect(head.verdicts()).toEqual(['a superseded']);
    head.commit('w', head.assignment('a'));
    expect(head.ended()).toEqual(['a#1 lost', 'a#2 ok']);
  });

  it('a driver that died and came back as another session takes its tasks over, but not those of a living one', () => {
    const head = TrialHead.leading();
    head.join('w', { slots: 1 });
    head.submit(trialTask('runs'), trialTask('once', { delivery: 'at-most-once' }));
    const old = head.start('runs');
    head.feed({ type: 'session-open', session: 'again', tenant: '' });
    const submitAgain = () => {
      const tasks = [trialTask('runs'), trialTask('once', { delivery: 'at-most-once' })];
      head.feed({ type: 'submit', session: 'again', tasks });
    };
    submitAgain();
    expect(head.refused()).toEqual(['runs E_TASK_DUPLICATE', 'once E_TASK_DUPLICATE']);
    head.feed({ type: 'session-disconnect', session: 'driver' });
    submitAgain();
    expect(head.refused().slice(2)).toEqual(['once E_TASK_DUPLICATE']);
    head.commit('w', old);
    expect(head.verdicts()).toEqual(['runs superseded']);
    expect(head.state.tasks.get('runs')?.session.id).toBe('again');
  });

  it('forgets ended tasks in order of their end, up to the bound and the time', () => {
    const head = TrialHead.leading({ dedupMs: 1000, limits: { dedupTasksMax: 2 } });
    head.join('w', { slots: 9 });
    for (const id of ['a', 'b', 'c']) head.submit(trialTask(id));
    for (const id of ['a', 'b', 'c']) head.commit('w', head.start(id));
    expect(['a', 'b', 'c'].map((id) => head.state.tasks.find(id, 0) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
    expect(head.state.tasks.find('c', 2000)).toBeUndefined();
    expect(head.state.tasks.endedSize).toBe(0);
  });
});

describe('cancel', () => {
  const request = (id: string, how: 'forget' | 'ask' | 'kill', number = 1) => ({
    type: 'cancel' as const,
    session: 'driver',
    requests: [{ id, attempt: 1, request: number, how }],
  });
  const answers = (head: TrialHead) =>
    head.of('cancel-answer').flatMap(({ answers: all }) => all.map(({ answer }) => answer));

  it('what waits is cancelled at once; what ended or is unknown is said so', () => {
    const head = TrialHead.leading();
    head.submit(trialTask('a'));
    for (const id of ['a', 'a', 'nobody']) head.feed(request(id, 'ask'));
    expect(answers(head)).toEqual(['cancelled', 'already-done', 'unknown-task']);
    expect(head.ended()).toEqual(['a#1 cancelled']);
  });

  it('forget ends it here, and the worker goes on being occupied until it says otherwise', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(trialTask('a', { resources: { cpu: 3 } }));
    const key = head.start('a');
    head.feed(request('a', 'forget'));
    expect(answers(head)).toEqual(['cancelled']);
    expect(head.state.workers.get('w')).toMatchObject({ occupants: 1 });
    expect(head.state.workers.get('w')!.free.get('cpu')).toBe(1);
    head.commit('w', key);
    expect(head.verdicts()).toEqual(['a superseded']);
    expect(head.state.workers.get('w')!.free.get('cpu')).toBe(4);
  });

  it('ask answers at once for a running task, kill when its worker did it', () => {
    const head = TrialHead.leading();
    head.join('w', { slots: 2 });
    head.submit(trialTask('asked'), trialTask('killed'));
    head.start('asked');
    const killed = head.start('killed');
    head.feed(request('asked', 'ask'));
    expect(answers(head)).toEqual(['requested']);
    head.feed(request('killed', 'kill'));
    expect(answers(head)).toHaveLength(1);
    head.commit('w', killed, { status: 'cancelled' });
    expect(answers(head)).toEqual(['requested', 'cancelled']);
  });

  it('a worker that does nothing about it does not keep the driver waiting', () => {
    const head = TrialHead.leading({ cancelAnswerMs: 4000 });
    head.join('w');
    head.submit(trialTask('a'));
    head.start('a');
    head.feed(request('a', 'kill'));
    head.advance(4000);
    expect(answers(head)).toEqual(['requested']);
  });

  it('a task that comes back while it is to be stopped does not run again', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(trialTask('a'));
    head.feed(request('a', 'kill'));
    head.feed({ type: 'returned', worker: 'w', bootId: 'boot', tasks: [head.assignment('a')] });
    expect(answers(head)).toEqual(['cancelled']);
    expect(head.ended()).toEqual(['a#1 cancelled']);
  });
});

describe('sessions', () => {
  it('a driver that comes back gets the ends it has not seen', () => {
    const head = TrialHead.leading();
    head.join('w', { slots: 9 });
    for (const id of ['a', 'b', 'c']) head.submit(trialTask(id));
    for (const id of ['a', 'b', 'c']) head.commit('w', head.start(id));
    head.feed({ type: 'session-disconnect', session: 'driver' });
    head.clear();
    head.feed({ type: 'session-resume', session: 'driver', endsSeen: 1 });
    expect(head.of('session-state')).toMatchObject([{ state: 'open' }]);
    expect(head.ended()).toEqual(['b#1 ok', 'c#1 ok']);
  });

  it('a driver that stays away is forgotten, and what it left is cancelled', () => {
    const head = TrialHead.leading({ sessionRetainMs: 1000 });
    head.join('w');
    head.submit(trialTask('runs'), trialTask('waits'));
    const key = head.start('runs');
    head.feed({ type: 'session-disconnect', session: 'driver' });
    head.feed({ type: 'renew', worker: 'w', bootId: 'boot' });
    head.advance(1000);
    expect(head.state.sessions.size).toBe(0);
    expect(head.state.tasks.size).toBe(0);
    head.commit('w', key);
    expect(head.verdicts()).toEqual(['runs superseded']);
    head.feed({ type: 'session-resume', session: 'driver', endsSeen: 0 });
    expect(head.of('session-state').at(-1)?.state).toBe('unknown');
  });
});

describe('bounds and refusals', () => {
  it('refuses what goes beyond each bound, by name', () => {
    const reason = (settings: Parameters<typeof TrialHead.leading>[0], tasks: readonly TaskSpec[]) => {
      const head = TrialHead.leading(settings);
      head.submit(...tasks);
      return head.of('refuse').flatMap(({ tasks: refused }) => refused.map(({ code }) => code));
    };
    const [a, b] = [trialTask('a'), trialTask('b', { resources: { cpu: 1 } })];
    for (const limits of [
      { tasksMax: 1 },
      { payloadBytesMax: 8 },
      { sessionTasksMax: 1 },
      { tenantTasksMax: 1 },
      { classesMax: 1 },
    ])
      expect({ limits, codes: reason({ limits }, [a, b]) }).toEqual({ limits, codes: ['E_QUEUE_FULL'] });
  });

  it('takes nothing in while the journal is read-only, and goes on by itself', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(trialTask('a'));
    const key = head.start('a');
    head.feed({ type: 'journal-state', state: 'read-only', reason: 'the disk is full.' });
    head.submit(trialTask('b'));
    head.commit('w', key);
    expect(head.refused()).toEqual(['b E_JOURNAL']);
    expect(head.verdicts()).toEqual(['a later']);
    head.feed({ type: 'journal-state', state: 'writable', reason: '' });
    head.commit('w', key);
    head.submit(trialTask('b'));
    expect(head.ended()).toEqual(['a#1 ok']);
    expect(head.assigned()).toContain('b@w');
  });

  it('refuses to lead under an epoch that is not new, and decides nothing while it follows', () => {
    const head = TrialHead.leading();
    head.feed({ type: 'step-down', reason: 'Another head leads.' });
    head.submit(trialTask('a'));
    expect(head.refused()).toEqual(['a E_BACKEND_UNAVAILABLE']);
    head.feed({ type: 'lead', epoch: 1 });
    expect(head.state.role).toBe('follower');
    head.feed({ type: 'lead', epoch: 2 });
    expect(head.state.role).toBe('leader');
  });
});

describe('recovery', () => {
  it('a head that takes over adopts what workers still have, and gives back what they never got', () => {
    const before = TrialHead.leading();
    before.join('w', { slots: 2 });
    before.submit(trialTask('runs'), trialTask('never-arrived'), trialTask('done'));
    const [runs, done] = [before.start('runs'), before.assignment('done')];
    const after = new TrialHead();
    for (const entry of before.journal) replay(after.state, entry, 0);
    expect(canonicalState(after.state)).toBe(canonicalState(before.state));
    after.feed({ type: 'lead', epoch: 2 });
    after.feed({ type: 'session-resume', session: 'driver', endsSeen: 0 });
    after.join('w', {
      slots: 2,
      holds: [
        { ...runs, state: 'running' },
        { ...done, state: 'done' },
      ],
    });
    expect(after.assigned()).toEqual(['never-arrived@w']);
    after.commit('w', done);
    after.commit('w', runs);
    expect(after.ended()).toEqual(['done#1 ok', 'runs#1 ok']);
  });

  it('workers that do not come back in time lose what they had', () => {
    const before = TrialHead.leading();
    before.join('w');
    before.submit(trialTask('a'), trialTask('once', { delivery: 'at-most-once' }));
    const after = new TrialHead({ leaseMs: 9000 });
    for (const entry of before.journal) replay(after.state, entry, 0);
    after.feed({ type: 'lead', epoch: 2 });
    after.advance(9000);
    expect(after.ended()).toEqual(['a#1 lost', 'once#1 lost']);
  });

  it('replaying a snapshot, or everything, gives the state that was left: after any history', () => {
    const action = fc.record({ do: fc.nat(8), pick: fc.nat(5), attempt: fc.integer({ min: 1, max: 3 }) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const head = TrialHead.leading();
        for (const { do: what, pick, attempt } of actions)
          play(head, what, `t${pick}`, `w${pick % 2}`, attempt);
        expect(audit(head.state)).toEqual([]);
        const { metrics, sessions } = head.state;
        expect(metrics.submitted - metrics.ended).toBe(sessions.get('driver')?.open);
        const replayed = newSchedulerState();
        for (const entry of head.journal) replay(replayed, entry, 0);
        expect(canonicalState(replayed)).toBe(canonicalState(head.state));
        expect(audit(replayed)).toEqual([]);
        const { epoch, journalIndex: index } = head.state;
        const restored = newSchedulerState();
        replay(restored, { epoch, index, records: snapshotRecords(head.state) }, 0);
        expect(canonicalState(restored)).toBe(canonicalState(head.state));
        expect(audit(restored)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a journal with a gap or of an older epoch', () => {
    const { journal } = TrialHead.leading();
    const state = newSchedulerState();
    expect(() => replay(state, journal[1]!, 0)).toThrow(/Entry 2 follows entry 0/);
    replay(state, { ...journal[0]!, epoch: 3, records: [{ type: 'epoch', epoch: 3 }] }, 0);
    expect(() => replay(state, journal[1]!, 0)).toThrow(/older epoch/);
  });
});

/** One random thing that may happen to a head. */
function play(head: TrialHead, what: number, id: string, worker: string, attempt: number): void {
  const entry = head.state.tasks.get(id);
  const on = entry?.worker?.state === 'active' ? entry.worker.id : undefined;
  if (what === 0) head.join(worker, { slots: 2 });
  else if (what === 1) head.submit(trialTask(id, { attempt, resources: { cpu: attempt } }));
  else if (what === 2 && on !== undefined) head.start(id);
  else if (what === 3 && on !== undefined)
    head.commit(on, head.assignment(id), { status: (['ok', 'lost', 'cancelled'] as const)[attempt - 1]! });
  else if (what === 4 && on !== undefined)
    head.feed({ type: 'returned', worker: on, bootId: 'boot', tasks: [head.assignment(id)] });
  else if (what === 5) head.feed({ type: 'worker-leave', worker, bootId: 'boot', reason: 'died' });
  else if (what === 6)
    head.feed({ type: 'cancel', session: 'driver', requests: [{ id, attempt, request: 1, how: 'forget' }] });
  else if (what === 7) head.feed({ type: 'ends-seen', session: 'driver', sequence: attempt });
  else head.advance(attempt * 1000);
}
