import { encodeValue } from '@anant/core/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bench, EPOCH, events, message, okEnd, ready, task } from './session-bench.js';

describe('any history', () => {
  const ids = fc.constantFrom('a', 'b', 'c', 'd');
  const attempts = fc.integer({ min: 1, max: 2 });
  const action = fc.oneof(
    fc.record({ do: fc.constant('submit' as const), id: ids, attempt: attempts }),
    fc.record({ do: fc.constant('start' as const), id: ids, attempt: attempts }),
    fc.record({ do: fc.constant('item' as const), id: ids, attempt: attempts, sequence: fc.nat(3) }),
    fc.record({
      do: fc.constant('end' as const),
      id: ids,
      attempt: attempts,
      epoch: fc.constantFrom(EPOCH, EPOCH, 1),
    }),
    fc.record({ do: fc.constant('call' as const) }),
    fc.record({ do: fc.constant('reply' as const), call: fc.nat(5) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 8_000 }) }),
    fc.record({ do: fc.constant('rubbish' as const), kind: fc.constantFrom('events', 'reply', 'nothing') }),
  );
  type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

  function act(bench: Bench, step: Action, calls: number[]): void {
    switch (step.do) {
      case 'submit':
        return void bench.step({ type: 'submit', tasks: [task(step.id, step.attempt)] });
      case 'start':
        return void bench.step(events(['start', step.id, step.attempt, 'w']));
      case 'item':
        return void bench.step(
          events(['item', step.id, step.attempt, step.sequence, [encodeValue(0).body, 0]]),
        );
      case 'end':
        return void bench.step(
          message('events', { epoch: step.epoch, events: [okEnd(step.id, step.attempt)] }),
        );
      case 'call':
        calls.push(calls.length);
        return void bench.step({
          type: 'call',
          call: calls.length - 1,
          kind: 'health',
          body: {},
          buffers: [],
        });
      case 'reply':
        return void bench.step(message('reply', { call: step.call, ok: true }));
      case 'wait':
        return void bench.wait(step.ms);
      case 'rubbish':
        return void bench.step(message(step.kind, { epoch: EPOCH, events: [[]], call: 'x' }));
    }
  }

  it('ends every submitted attempt exactly once, settles every call once, and says nothing afterwards', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (steps) => {
        const bench = ready();
        const calls: number[] = [];
        const open = new Map<string, number>();
        let seen = 0;
        const check = (): void => {
          for (const event of bench.emitted.slice(seen)) {
            if (event.type === 'backend-state') continue;
            const key = `${event.id} ${event.attempt}`;
            // No event of an attempt that is not open.
            expect(open.has(key)).toBe(true);
            if (event.type === 'task-end') open.delete(key);
            if (event.type === 'task-item') {
              expect(event.sequence).toBe(open.get(key));
              open.set(key, event.sequence + 1);
            }
          }
          seen = bench.emitted.length;
        };
        for (const step of steps) {
          if (step.do === 'submit') {
            const key = `${step.id} ${step.attempt}`;
            if (!open.has(key)) open.set(key, 0);
          }
          act(bench, step, calls);
          check();
        }
        bench.step({ type: 'gone', end: { code: 'E_BRIDGE_EXITED', message: 'gone', isFinal: false } });
        check();
        expect(open.size).toBe(0);
        const settled = bench.effects.flatMap((effect) => (effect.type === 'settle' ? [effect.call] : []));
        expect(settled.sort((a, b) => a - b)).toEqual(calls);
        const last = bench.effects.findIndex((effect) => effect.type === 'over');
        const after = bench.effects
          .slice(last + 1)
          .filter((effect) => effect.type !== 'emit' && effect.type !== 'settle');
        expect(after).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
