import { describe, expect, it } from 'vitest';
import type { WorkerEvidence } from './evidence.js';
import { explainTask } from './index.js';
import { TrialHead, trialTask } from './testing/trial-head.js';

const evidence = (head: TrialHead, worker: string, said: WorkerEvidence) => {
  const { bootId } = head.state.workers.get(worker)!.spec;
  head.feed({ type: 'worker-evidence', worker, bootId, evidence: said });
};

describe('evidence about workers', () => {
  it('keeps new tasks from a suspect until it is heard of, and takes nothing from it', () => {
    const head = TrialHead.leading();
    head.join('w');
    evidence(head, 'w', 'suspected');
    head.submit(trialTask('a'));
    expect(head.state.waiting).toBe(1);
    expect(explainTask(head.state, 'a', head.nowMs)?.candidates).toEqual([
      'w: other members cannot reach it',
    ]);
    evidence(head, 'w', 'well');
    expect(head.state.waiting).toBe(0);
    evidence(head, 'w', 'suspected');
    expect(head.ended()).toEqual([]);
    head.submit(trialTask('b'));
    head.feed({ type: 'renew', worker: 'w', bootId: head.state.workers.get('w')!.spec.bootId });
    head.commit('w', head.start('a'));
    expect(head.assignment('b')).toBeDefined();
  });

  it('gives a worker up that its members removed, once a renewal is overdue and before the lease is', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(trialTask('a'));
    head.start('a');
    const { leaseMs } = head.state.options;
    head.advance(leaseMs / 4);
    evidence(head, 'w', 'removed');
    expect(head.state.workers.has('w')).toBe(true);
    head.advance(leaseMs / 4 + 1);
    expect(head.state.workers.has('w')).toBe(false);
    expect(head.ended()).toEqual(['a#1 lost']);
  });

  it('keeps a worker that renews, whatever the members say, and one of another process', () => {
    const head = TrialHead.leading();
    head.join('w');
    const { bootId } = head.state.workers.get('w')!.spec;
    evidence(head, 'w', 'removed');
    head.advance(head.state.options.leaseMs / 3);
    head.feed({ type: 'renew', worker: 'w', bootId });
    head.advance(head.state.options.leaseMs * 0.9);
    expect(head.state.workers.get('w')?.isSuspected).toBe(false);
    head.feed({ type: 'worker-evidence', worker: 'w', bootId: 'another', evidence: 'removed' });
    expect(head.state.workers.get('w')?.isSuspected).toBe(false);
  });
});

describe('the quorum', () => {
  it('is needed to assign, not to take tasks in or to hear how they end', () => {
    const head = TrialHead.leading();
    head.join('w');
    head.submit(trialTask('a'));
    const started = head.start('a');
    head.feed({ type: 'quorum', state: 'lost', reason: 'It reaches 1 of 3.' });
    head.submit(trialTask('b'));
    expect(head.of('acknowledge')).toHaveLength(2);
    head.commit('w', started);
    expect(head.ended()).toEqual(['a#1 ok']);
    expect(head.state.waiting).toBe(1);
    expect(explainTask(head.state, 'b', head.nowMs)?.reason).toContain('no quorum. It reaches 1 of 3.');
    head.feed({ type: 'quorum', state: 'held', reason: '' });
    expect(head.state.waiting).toBe(0);
  });
});
