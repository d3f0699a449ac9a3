import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PriorityQueue } from './priority-queue.js';

interface Entry {
  readonly id: number;
  readonly priority: number;
  isLive: boolean;
}
const makeQueue = () =>
  new PriorityQueue<Entry>({ priorityOf: ({ priority }) => priority, isLive: ({ isLive }) => isLive });

const step = fc.oneof(
  fc.record({ do: fc.constant('push' as const), priority: fc.integer({ min: -2, max: 2 }) }),
  fc.record({ do: fc.constant('shift' as const) }),
  fc.record({ do: fc.constant('kill' as const), at: fc.nat() }),
  fc.record({ do: fc.constant('putBack' as const), count: fc.integer({ min: 1, max: 5 }) }),
);

test('gives live entries by priority, then by arrival, whatever happens in between', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = makeQueue();
      let model: Entry[] = [];
      const taken: Entry[] = [];
      let ids = 0;
      for (const each of steps) {
        if (each.do === 'push') {
          const entry = { id: ids, priority: each.priority, isLive: true };
          ids += 1;
          queue.push(entry);
          model.push(entry);
          model = model.toSorted((a, b) => b.priority - a.priority);
        } else if (each.do === 'shift') {
          const entry = queue.shift();
          expect(entry).toBe(model.shift());
          if (entry) taken.push(entry);
        } else if (each.do === 'kill' && model.length > 0) {
          const [entry] = model.splice(each.at % model.length, 1);
          entry!.isLive = false;
          queue.died();
        } else if (each.do === 'putBack') {
          const back = taken.splice(-each.count);
          queue.putBack(back);
          model = [...back, ...model].toSorted((a, b) => b.priority - a.priority);
        }
        expect(queue.size).toBe(model.length);
      }
    }),
  );
});

test('entries that died do not pile up', () => {
  const queue = makeQueue();
  const stuck = { id: -1, priority: 5, isLive: true };
  queue.push(stuck);
  for (let id = 0; id < 100_000; id += 1) {
    const entry = { id, priority: 0, isLive: true };
    queue.push(entry);
    entry.isLive = false;
    queue.died();
  }
  expect(queue.size).toBe(1);
  expect(queue.held).toBeLessThan(5000);
  expect(queue.shift()).toBe(stuck);
  expect(queue.shift()).toBeUndefined();
});
