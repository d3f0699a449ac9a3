/** Flow control: no chunk beyond the window, none lost or doubled, no deadlock, whatever arrives late or twice. */
import { randomInteger, seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { arrive, consume, grantCredit, newReceiverFlow, newSenderFlow, takeCredit } from './stream-flow.js';

describe('a stream', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'keeps to its window and arrives whole (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const window = 1 + randomInteger(random, 16);
      const total = 200;
      let sender = grantCredit(newSenderFlow(), window);
      let receiver = newReceiverFlow(window);
      const wire: number[] = [];
      const grants: number[] = [];
      const received: number[] = [];
      for (let steps = 0; received.length < total && steps < 100_000; steps++) {
        const choice = randomInteger(random, 4);
        const sent = choice === 0 && sender.next < total ? takeCredit(sender) : undefined;
        if (sent) {
          wire.push(sender.next);
          sender = sent;
        }
        if (choice === 1 && wire.length > 0) {
          const [next, arrival] = arrive(receiver, wire.shift()!);
          expect(arrival).toBe('accept');
          receiver = next;
        }
        if (choice === 2 && receiver.consumed < receiver.expected) {
          received.push(receiver.consumed);
          const [next, limit] = consume(receiver);
          receiver = next;
          if (limit !== undefined) grants.push(limit);
        }
        if (choice === 3 && grants.length > 0) {
          // Grants arrive in any order, some twice.
          const at = randomInteger(random, grants.length);
          sender = grantCredit(sender, grants[at]!);
          if (random() < 0.7) grants.splice(at, 1);
        }
        expect(sender.next - receiver.consumed).toBeLessThanOrEqual(window);
      }
      expect(received).toEqual(Array.from({ length: total }, (_, at) => at));
    },
  );

  it('tells repeats, gaps and chunks beyond the credit apart', () => {
    const [flow] = arrive(newReceiverFlow(2), 0);
    expect(arrive(flow, 0)[1]).toBe('repeated');
    expect(arrive(flow, 2)[1]).toBe('gap');
    const [full] = arrive(flow, 1);
    expect(arrive(full, 2)[1]).toBe('beyond-credit');
  });

  it('refuses grants that are none', () => {
    const flow = grantCredit(newSenderFlow(), 4);
    for (const limit of [3, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
      expect(grantCredit(flow, limit)).toBe(flow);
    expect(() => newReceiverFlow(0)).toThrow(TypeError);
  });
});
