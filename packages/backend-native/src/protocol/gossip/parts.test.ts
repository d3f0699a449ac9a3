import { seededRandom } from '@anant/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Accusers } from './accusers.js';
import { BroadcastQueue, bytesOf } from './broadcast-queue.js';
import { DEFAULT_TUNING, type Update } from './index.js';
import { ProbeOrder } from './probe-order.js';
import { RoundTrips } from './round-trips.js';
import { SharedColumn } from './shared-column.js';
import { suspicionBoundsMs, suspicionMs } from './suspicion.js';

const suspect = (subject: number, author = 99): Update => ({
  type: 'suspect',
  subject,
  incarnation: 1,
  author,
});
const left = (subject: number): Update => ({ type: 'left', subject, incarnation: 1, boot: 1 });

describe('SharedColumn', () => {
  it('keeps copies apart, whoever writes first', () => {
    const one = new SharedColumn<string>();
    one.set(3, 'three');
    one.set(700, 'far');
    const other = new SharedColumn<string>();
    other.copyFrom(one);
    one.set(3, 'mine');
    other.set(700, 'theirs');
    other.set(4, 'new');
    expect([one.get(3), one.get(4), one.get(700)]).toEqual(['mine', undefined, 'far']);
    expect([other.get(3), other.get(4), other.get(700)]).toEqual(['three', 'new', 'theirs']);
    expect(one.get(5000)).toBeUndefined();
  });
});

describe('ProbeOrder', () => {
  it('visits every member once in a round, for any size and seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer(), (count, seed) => {
        const order = new ProbeOrder(seededRandom(seed));
        for (let round = 0; round < 3; round++) {
          const visited = new Set(Array.from({ length: count }, () => order.next(count, () => true)));
          expect(visited.size).toBe(count);
        }
      }),
    );
  });

  it('skips who is not wanted, and says when nobody is', () => {
    const order = new ProbeOrder(seededRandom(1));
    expect(new Set(Array.from({ length: 6 }, () => order.next(10, (index) => index % 5 === 0)))).toEqual(
      new Set([0, 5]),
    );
    expect(order.next(10, () => false)).toBeUndefined();
  });
});

describe('BroadcastQueue', () => {
  it('tells each update at most so many times, within the bytes of a message', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(30), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (subjects, sendsMax) => {
          const queue = new BroadcastQueue(1000);
          subjects.forEach((subject, author) => {
            queue.push(suspect(subject, author));
          });
          const told = new Map<Update, number>();
          for (let message = 0; queue.size > 0; message++) {
            expect(message).toBeLessThan(1000);
            const updates = queue.take(500, sendsMax);
            expect(updates.reduce((sum, update) => sum + bytesOf(update), 0)).toBeLessThanOrEqual(500);
            for (const update of updates) told.set(update, (told.get(update) ?? 0) + 1);
          }
          expect(told.size).toBe(subjects.length);
          for (const times of told.values()) expect(times).toBe(sendsMax);
        },
      ),
    );
  });

  it('forgets what was said of a member that spoke for itself', () => {
    const queue = new BroadcastQueue(10);
    queue.push(suspect(1));
    queue.push(left(1));
    expect(queue.take(10_000, 2)).toEqual([left(1)]);
  });

  it('counts what others tell it as told in part, and an accusation of a decided member as done', () => {
    const queue = new BroadcastQueue(10);
    queue.push(suspect(1));
    queue.push(suspect(2));
    for (let time = 0; time < 4; time++) queue.heard(suspect(1));
    queue.heard(suspect(1, 98));
    queue.dropAccusations(2);
    expect(queue.take(10_000, 4)).toEqual([suspect(1)]);
    expect(queue.take(10_000, 4)).toEqual([suspect(1)]);
    expect(queue.take(10_000, 4)).toEqual([]);
    expect(queue.size).toBe(0);
  });

  it('drops the most often told at its bound', () => {
    const queue = new BroadcastQueue(3);
    queue.push(suspect(0));
    queue.take(10_000, 5);
    for (const subject of [1, 2, 3]) queue.push(suspect(subject));
    expect(queue.size).toBe(3);
    expect(queue.take(10_000, 5).map(({ subject }) => subject)).toEqual([3, 2, 1]);
  });
});

describe('suspicion', () => {
  it('lasts what memberlist documents for its factors', () => {
    const tuning = { ...DEFAULT_TUNING, suspicionFactor: 4 };
    const seconds = (members: number) => {
      const { shortestMs, longestMs } = suspicionBoundsMs(tuning, members);
      return [shortestMs, longestMs].map((ms) => Math.round(ms / 100) / 10);
    };
    expect(seconds(128)).toEqual([8.4, 50.6]);
    expect(seconds(1000)).toEqual([12, 72]);
    expect(seconds(10_000)).toEqual([16, 96]);
  });

  it('shrinks with every accuser down to the shortest', () => {
    const waits = [1, 2, 3, 4, 5].map((accusers) => suspicionMs(DEFAULT_TUNING, 1000, accusers));
    expect(waits).toEqual(waits.toSorted((left, right) => right - left));
    expect(waits[0]).toBe(suspicionBoundsMs(DEFAULT_TUNING, 1000).longestMs);
    expect(waits[3]).toBe(suspicionBoundsMs(DEFAULT_TUNING, 1000).shortestMs);
  });
});

describe('RoundTrips', () => {
  it('follows a peer within the bounds, and remembers so many', () => {
    const trips = new RoundTrips({ timeoutMsMin: 50, timeoutMsMax: 500, peersMax: 2 });
    expect(trips.timeoutMs(1)).toBe(500);
    for (let round = 0; round < 50; round++) trips.measure(1, 100);
    expect(trips.timeoutMs(1)).toBeGreaterThanOrEqual(100);
    expect(trips.timeoutMs(1)).toBeLessThan(120);
    trips.measure(2, 0.1);
    trips.measure(3, 0.1);
    expect(trips.smoothedMs(1)).toBeUndefined();
    expect(trips.timeoutMs(3)).toBe(50);
  });
});

describe('Accusers', () => {
  it('hears nobody beyond its rate, nor one refuted too often until that fades', () => {
    const accusers = new Accusers(DEFAULT_TUNING);
    const heard = Array.from({ length: 20 }, () => accusers.isHeard(7, 0)).filter(Boolean);
    expect(heard).toHaveLength(DEFAULT_TUNING.accusationBurst);
    for (let refuted = 0; refuted < 50; refuted++) accusers.refute(8, 0);
    expect(accusers.isHeard(8, 60_000)).toBe(false);
    expect(accusers.isHeard(8, 300_000)).toBe(true);
  });
});
