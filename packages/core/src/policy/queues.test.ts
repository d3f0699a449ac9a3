import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/index.js';
import {
  type Deadline,
  DeadlineHeap,
  DeadlineTimer,
  LinkedQueue,
  PriorityQueue,
  TIMER_DELAY_MS_MAX,
} from './index.js';

interface Node {
  readonly name: number;
  readonly priority: number;
  queueNext: Node | undefined;
  queuePrevious: Node | undefined;
  queue: LinkedQueue<never> | undefined;
}

const node = (name: number, priority = 0): Node => ({
  name,
  priority,
  queueNext: undefined,
  queuePrevious: undefined,
  queue: undefined,
});

/** Pushes (`at` 0), shifts (1) or deletes the n-th queued (2). */
const steps = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 2 }),
    pick: fc.nat(50),
    priority: fc.integer({ min: -4, max: 4 }),
  }),
  { maxLength: 120 },
);

describe('queues', () => {
  it('LinkedQueue behaves like a list', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const queue = new LinkedQueue<Node>();
        const model: Node[] = [];
        actions.forEach(({ at, pick }, index) => {
          if (at === 0) {
            const added = node(index);
            queue.push(added);
            model.push(added);
          } else if (at === 1) expect(queue.shift()).toBe(model.shift());
          else {
            const victim = model[pick % Math.max(1, model.length)];
            if (victim === undefined) return;
            expect(queue.delete(victim)).toBe(true);
            expect(queue.delete(victim)).toBe(false);
            model.splice(model.indexOf(victim), 1);
          }
          expect(queue.size).toBe(model.length);
        });
      }),
    );
  });

  it('PriorityQueue gives the most urgent first, equals in order, whatever leaves in between', () => {
    fc.assert(
      fc.property(steps, (actions) => {
        const queue = new PriorityQueue<Node>();
        const model: Node[] = [];
        actions.forEach(({ at, pick, priority }, index) => {
          if (at === 0) {
            const added = node(index, priority);
            queue.push(added);
            model.push(added);
          } else if (at === 1) {
            const best = [...model].sort(
              (left, right) => right.priority - left.priority || left.name - right.name,
            )[0];
            expect(queue.shift()).toBe(best);
            if (best !== undefined) model.splice(model.indexOf(best), 1);
          } else {
            const victim = model[pick % Math.max(1, model.length)];
            if (victim === undefined) return;
            expect(queue.delete(victim)).toBe(true);
            model.splice(model.indexOf(victim), 1);
          }
          expect(queue.size).toBe(model.length);
        });
      }),
    );
  });

  it('do not take a node of another queue', () => {
    const [one, two] = [new PriorityQueue<Node>(), new PriorityQueue<Node>()];
    const shared = node(1);
    one.push(shared);
    two.push(node(2));
    expect(two.delete(shared)).toBe(false);
    expect(one.size).toBe(1);
  });
});

const deadline = (): Deadline => ({ dueMs: 0, heapIndex: -1 });

describe('DeadlineHeap', () => {
  it('always knows the earliest, whatever is moved or leaves', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ which: fc.nat(15), dueMs: fc.nat(100), isDelete: fc.boolean() }), {
          maxLength: 200,
        }),
        (actions) => {
          const entries = Array.from({ length: 16 }, deadline);
          const model = new Map<Deadline, number>();
          const heap = new DeadlineHeap<Deadline>();
          for (const { which, dueMs, isDelete } of actions) {
            const entry = entries[which]!;
            if (isDelete) {
              heap.delete(entry);
              model.delete(entry);
            } else {
              heap.set(entry, dueMs);
              model.set(entry, dueMs);
            }
            expect(heap.size).toBe(model.size);
            expect(heap.first?.dueMs).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
          }
        },
      ),
    );
  });
});

describe('DeadlineTimer', () => {
  it('calls each entry at its moment, with one timer of the clock', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 50 }), async (delays) => {
        const clock = new VirtualClock();
        const seen: number[] = [];
        const timer = new DeadlineTimer<Deadline>(clock, (entry, nowMs) => {
          expect(nowMs).toBe(entry.dueMs);
          seen.push(nowMs);
        });
        for (const delay of delays) timer.set(deadline(), delay);
        expect(clock.pendingTimers).toBe(delays.length === 0 ? 0 : 1);
        await clock.runUntilIdle();
        expect(seen).toEqual([...delays].sort((left, right) => left - right));
        expect(timer.size).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('forgets what is cleared, and takes new and moved deadlines while it calls', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const named = (name: string) => ({ ...deadline(), name });
    const timer = new DeadlineTimer<ReturnType<typeof named>>(clock, (entry) => {
      seen.push(`${entry.name}@${clock.nowMs()}`);
      if (entry.name === 'a') {
        timer.clear(c);
        timer.set(d, 15);
        timer.set(b, 30);
      }
    });
    const [a, b, c, d] = [named('a'), named('b'), named('c'), named('d')];
    timer.set(a, 10);
    timer.set(b, 10);
    timer.set(c, 20);
    await clock.runUntilIdle();
    expect(seen).toEqual(['a@10', 'd@15', 'b@30']);
    timer.set(a, 100);
    timer.set(a, Number.POSITIVE_INFINITY);
    expect([timer.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('sleeps in pieces that no timer overflows', async () => {
    const clock = new VirtualClock();
    const delays: number[] = [];
    const { schedule } = clock;
    clock.schedule = (delayMs, callback) => {
      delays.push(delayMs);
      return schedule.call(clock, delayMs, callback);
    };
    let at = 0;
    const timer = new DeadlineTimer<Deadline>(clock, (_entry, nowMs) => {
      at = nowMs;
    });
    timer.set(deadline(), 3 * TIMER_DELAY_MS_MAX);
    await clock.runUntilIdle();
    expect(at).toBe(3 * TIMER_DELAY_MS_MAX);
    expect(Math.max(...delays)).toBe(TIMER_DELAY_MS_MAX);
  });
});
