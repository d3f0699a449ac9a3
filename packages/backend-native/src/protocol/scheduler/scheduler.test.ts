import { expect, test } from 'vitest';
import { TrialHead, trialTask } from './testing/trial-head.js';

test('a task goes from submission to its end, each step told to those it concerns', () => {
  const head = TrialHead.leading();
  head.join('w');
  head.submit(trialTask('a'));
  expect(head.of('acknowledge')).toMatchObject([{ session: 'driver', tasks: [{ id: 'a', attempt: 1 }] }]);
  expect(head.assigned()).toEqual(['a@w']);
  const key = head.start('a');
  expect(head.of('start').map(({ tasks }) => tasks[0]?.worker)).toEqual(['w']);
  head.commit('w', key);
  expect(head.verdicts()).toEqual(['a accepted']);
  expect(head.ended()).toEqual(['a#1 ok']);
  expect(head.state.tasks.size).toBe(0);
});

test('nothing is acknowledged, ended or given a verdict before the journal has it', () => {
  const head = TrialHead.leading();
  head.join('w');
  head.sync = 'later';
  head.submit(trialTask('a'));
  expect(head.assigned()).toEqual(['a@w']);
  expect(head.of('acknowledge')).toEqual([]);
  head.flush();
  expect(head.of('acknowledge')).toHaveLength(1);
  head.commit('w', head.assignment('a'));
  expect(head.ended()).toEqual([]);
  expect(head.verdicts()).toEqual([]);
  head.flush();
  expect(head.ended()).toEqual(['a#1 ok']);
  expect(head.verdicts()).toEqual(['a accepted']);
});

test('what may run at most once is assigned only when that is on record', () => {
  const head = TrialHead.leading();
  head.join('w');
  head.sync = 'later';
  head.submit(trialTask('once', { delivery: 'at-most-once' }));
  expect(head.assigned()).toEqual([]);
  head.flush();
  expect(head.assigned()).toEqual(['once@w']);
});

test('nothing is assigned under an epoch that is not durable', () => {
  const head = new TrialHead();
  head.sync = 'later';
  head.feed({ type: 'lead', epoch: 1 });
  head.feed({ type: 'session-open', session: 'driver', tenant: '' });
  head.join('w');
  head.submit(trialTask('a'));
  expect(head.assigned()).toEqual([]);
  head.flush();
  expect(head.assigned()).toEqual(['a@w']);
});

test('a commit counts only under the current token', () => {
  const head = TrialHead.leading();
  head.join('w');
  head.submit(trialTask('a'));
  const old = head.assignment('a');
  head.feed({ type: 'returned', worker: 'w', bootId: 'boot', tasks: [old] });
  const current = head.assignment('a');
  expect(current.token).not.toEqual(old.token);
  head.commit('w', old);
  expect(head.verdicts()).toEqual(['a superseded']);
  head.commit('w', current);
  head.commit('w', current);
  expect(head.verdicts()).toEqual(['a superseded', 'a accepted', 'a repeated']);
  expect(head.ended()).toEqual(['a#1 ok']);
});

test('a worker that dies ends what it had begun as lost, and gives back what it had not', () => {
  const head = TrialHead.leading();
  head.join('w', { slots: 1 });
  head.submit(trialTask('begun'), trialTask('first'), trialTask('second'));
  head.start('begun');
  head.clear();
  head.feed({ type: 'worker-leave', worker: 'w', bootId: 'boot', reason: 'died' });
  // With one slot, the first that waits there may have begun without the head having heard.
  expect(head.ended()).toEqual(['begun#1 lost', 'first#1 lost']);
  head.join('x');
  expect(head.assigned()).toEqual(['second@x']);
});

test('a paused worker finds its lease gone and its commits refused', () => {
  const head = TrialHead.leading({ leaseMs: 9000 });
  head.join('w');
  head.submit(trialTask('a'));
  const key = head.start('a');
  head.advance(9000);
  expect(head.ended()).toEqual(['a#1 lost']);
  head.commit('w', key);
  expect(head.verdicts()).toEqual(['a later']);
  expect(head.of('rejoin')).toHaveLength(1);
  head.join('w', { holds: [{ ...key, state: 'done' }] });
  head.commit('w', key);
  expect(head.verdicts()).toEqual(['a later', 'a superseded']);
});
