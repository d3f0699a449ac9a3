import { describe, expect, it } from 'vitest';
import { TrialHead, trialTask } from './testing/trial-head.js';

describe('poison tasks', () => {
  it('are given company twice, then run alone, then are refused', () => {
    const head = TrialHead.leading();
    const outcomes: string[] = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      head.join('w', { bootId: `boot-${attempt}`, slots: 4 });
      head.submit(trialTask('poison', { attempt }));
      if (attempt === 1) head.submit(trialTask('innocent'));
      head.start('poison');
      expect(head.state.tasks.get('poison')?.class.isAlone).toBe(attempt === 3);
      head.feed({ type: 'worker-leave', worker: 'w', bootId: `boot-${attempt}`, reason: 'died' });
      outcomes.push(head.ended().findLast((end) => end.startsWith('poison'))!);
    }
    expect(outcomes).toEqual(['poison#1 lost', 'poison#2 lost', 'poison#3 refused']);
    head.submit(trialTask('poison', { attempt: 4 }));
    expect(head.refused()).toEqual(['poison E_TASK_POISON']);
    expect(head.state.deaths.get('innocent')?.deaths ?? 0).toBeLessThan(2);
  });

  it('are counted also when their worker had no time to say that they began', () => {
    const head = TrialHead.leading();
    const outcomes: string[] = [];
    head.join('other', { slots: 2 });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      head.join('w', { bootId: `boot-${attempt}`, slots: 2 });
      head.submit(trialTask('poison', { attempt }));
      const worker = head.assigned().at(-1)!.split('@')[1]!;
      head.feed({
        type: 'worker-leave',
        worker,
        bootId: worker === 'w' ? `boot-${attempt}` : 'boot',
        reason: 'died',
      });
      outcomes.push(head.ended().findLast((end) => end.startsWith('poison'))!);
    }
    expect(outcomes).toEqual(['poison#1 lost', 'poison#2 lost', 'poison#3 refused']);
  });

  it('are refused also when the process they had to themselves spares the worker', () => {
    const head = TrialHead.leading();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      head.join('w', { bootId: `boot-${attempt}` });
      head.submit(trialTask('poison', { attempt }));
      head.start('poison');
      head.feed({ type: 'worker-leave', worker: 'w', bootId: `boot-${attempt}`, reason: 'died' });
    }
    head.join('w');
    head.submit(trialTask('poison', { attempt: 3 }));
    head.commit('w', head.start('poison'), { status: 'lost', suspect: true });
    expect(head.ended().at(-1)).toBe('poison#3 refused');
    head.submit(trialTask('poison', { attempt: 4 }));
    expect(head.refused()).toEqual(['poison E_TASK_POISON']);
  });

  it('keep their count, and their kind its mark, when a process of their own dies before the last one', () => {
    const head = TrialHead.leading({ deathsMax: 4 });
    const dieAlone = (id: string, attempt: number) => {
      head.submit(trialTask(id, { attempt }));
      expect(head.state.tasks.get(id)?.class.isAlone).toBe(true);
      head.commit('w', head.start(id), { status: 'lost', suspect: true });
      return head.ended().at(-1);
    };
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      head.join('w', { bootId: `boot-${attempt}` });
      head.submit(trialTask('poison', { attempt }));
      head.start('poison');
      head.feed({ type: 'worker-leave', worker: 'w', bootId: `boot-${attempt}`, reason: 'died' });
    }
    head.join('w');
    expect(dieAlone('poison', 3)).toBe('poison#3 lost');
    expect(dieAlone('poison', 4)).toBe('poison#4 refused');
    // Of a kind that is known for it, a task begins alone: its first death there proves nothing in its favour.
    expect(dieAlone('other', 1)).toBe('other#1 lost');
    expect(head.state.deaths.get('other')?.deaths).toBe(2);
    expect(dieAlone('third', 1)).toBe('third#1 lost');
    expect(dieAlone('other', 2)).toBe('other#2 lost');
    expect(dieAlone('other', 3)).toBe('other#3 refused');
  });

  it('are told from their neighbours: who ends well is cleared', () => {
    const head = TrialHead.leading();
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      head.join('w', { bootId: `boot-${attempt}`, slots: 4 });
      head.submit(trialTask('innocent', { attempt }));
      head.start('innocent');
      head.feed({ type: 'worker-leave', worker: 'w', bootId: `boot-${attempt}`, reason: 'died' });
    }
    head.join('w', { slots: 4 });
    head.submit(trialTask('innocent', { attempt: 3 }), trialTask('other'));
    expect(head.assigned().at(-1)).toMatch(/innocent|other/);
    while (head.state.tasks.size > 0) {
      const [entry] = head.state.assigned.values();
      head.commit('w', head.start(entry!.id));
    }
    expect(head.state.deaths.size).toBe(0);
  });

  it('a worker that was only cut off takes the blame back when it returns', () => {
    const head = TrialHead.leading({ disconnectGraceMs: 100 });
    head.join('w');
    head.submit(trialTask('a'));
    head.start('a');
    head.feed({ type: 'worker-disconnect', worker: 'w', bootId: 'boot' });
    head.advance(100);
    expect(head.ended()).toEqual(['a#1 lost']);
    expect(head.state.deaths.get('a')?.deaths).toBe(1);
    head.join('w');
    expect(head.state.deaths.size).toBe(0);
  });
});
