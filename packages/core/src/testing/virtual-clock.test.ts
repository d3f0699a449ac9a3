import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  it('runs timers at their own moment, equal moments in the order they were set', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name}@${clock.nowMs()}`);
    clock.schedule(20, note('late'));
    clock.schedule(10, note('first'));
    clock.schedule(10, note('second'));
    await clock.advance(15);
    expect(seen).toEqual(['first@10', 'second@10']);
    expect(clock.nowMs()).toBe(15);
    await clock.advance(5);
    expect(seen.at(-1)).toBe('late@20');
  });

  it('drains microtasks between timers, so that a timer set by a continuation still runs in time', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const sleep = (ms: number) => new Promise<void>((resolve) => clock.schedule(ms, resolve));
    void (async () => {
      for (let step = 0; step < 3; step++) {
        await sleep(10);
        seen.push(clock.nowMs());
      }
    })();
    await clock.advance(30);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('forgets cancelled timers', async () => {
    const clock = new VirtualClock();
    let ran = 0;
    const cancel = clock.schedule(10, () => ran++);
    cancel();
    cancel();
    expect(clock.pendingTimers).toBe(0);
    expect(clock.nextTimerMs).toBeUndefined();
    await clock.runUntilIdle();
    expect(ran).toBe(0);
    expect(clock.nowMs()).toBe(0);
  });

  it('drives a promise that needs timers and real turns', async () => {
    const clock = new VirtualClock();
    const work = (async () => {
      await new Promise<void>((resolve) => clock.schedule(86_400_000, resolve));
      await new Promise<void>((resolve) => setImmediate(resolve));
      return 'done';
    })();
    expect(await clock.drive(work)).toBe('done');
    expect(clock.nowMs()).toBe(86_400_000);
  });

  it('keeps wall time in step', async () => {
    const clock = new VirtualClock({ wallStartMs: 1000 });
    await clock.advance(5);
    expect(clock.wallMs()).toBe(1005);
  });

  it('runs any set of timers sorted by moment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 40 }), async (delays) => {
        const clock = new VirtualClock();
        const seen: number[] = [];
        for (const delay of delays) clock.schedule(delay, () => seen.push(clock.nowMs()));
        await clock.runUntilIdle();
        expect(seen).toEqual([...delays].sort((left, right) => left - right));
      }),
      { numRuns: 50 },
    );
  });
});
