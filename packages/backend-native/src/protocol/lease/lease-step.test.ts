/** The life of a lease, moment by moment. */
import { describe, expect, it } from 'vitest';
import { compareTokens, FenceGate } from '../fencing-token.js';
import type { LeaseEffect, LeaseEvent, LeaseOptions } from './lease-state.js';
import { leaseStep, newLease } from './lease-step.js';

/** TTL 900: renewed each 300, stops 90 before the end. */
const OPTIONS = { ttlMs: 900, marginMs: 90 } as const;
const TOKEN = { epoch: 3, counter: 7 };

function script(options: LeaseOptions) {
  let state = newLease(options);
  const at = (nowMs: number, event: LeaseEvent): LeaseEffect[] => {
    const [next, effects] = leaseStep(state, event, { nowMs, random: () => 0.5 });
    state = next;
    return [...effects];
  };
  return { at, phase: () => state.phase.type };
}

describe('a lease', () => {
  it('is held from the grant to a margin before the end, counted from when it was asked for', () => {
    const { at, phase } = script(OPTIONS);
    expect(at(1000, { type: 'start' })).toEqual([{ type: 'acquire', request: 1, timeoutMs: 150 }]);
    expect(at(1100, { type: 'granted', request: 1, token: TOKEN })).toEqual([
      { type: 'gained', token: TOKEN, stopAtMs: 1810 },
      { type: 'wake', atMs: 1400 },
    ]);
    expect(at(1400, { type: 'tick' })).toEqual([
      { type: 'renew', request: 2, token: TOKEN, timeoutMs: 150 },
      { type: 'wake', atMs: 1810 },
    ]);
    // The answer comes 200 later; the new time runs from 1400 all the same.
    expect(at(1600, { type: 'renewed', request: 2 })).toEqual([{ type: 'wake', atMs: 1700 }]);
    expect(at(1700, { type: 'tick' })[0]).toMatchObject({ type: 'renew', timeoutMs: 150 });
    expect(at(2209, { type: 'tick' })).toEqual([{ type: 'wake', atMs: 2210 }]);
    expect(at(2210, { type: 'tick' })).toEqual([{ type: 'lost', token: TOKEN, reason: 'expired' }]);
    expect(phase()).toBe('ended');
    // The store extended it meanwhile: too late, it stays lost.
    expect(at(2211, { type: 'renewed', request: 3 })).toEqual([]);
  });

  it('gives a grant back that came too late to be used', () => {
    const { at, phase } = script(OPTIONS);
    at(0, { type: 'start' });
    expect(at(810, { type: 'granted', request: 1, token: TOKEN })[0]).toEqual({
      type: 'release',
      token: TOKEN,
    });
    expect(phase()).toBe('waiting');
  });

  it('gives a grant back that comes after it was released', () => {
    const { at } = script(OPTIONS);
    at(0, { type: 'start' });
    expect(at(10, { type: 'release' })).toEqual([]);
    expect(at(20, { type: 'granted', request: 1, token: TOKEN })).toEqual([
      { type: 'release', token: TOKEN },
    ]);
    expect(at(30, { type: 'start' })).toEqual([]);
  });

  it('waits for another holder, and looks again after a third of a TTL or half a second', () => {
    const { at } = script(OPTIONS);
    at(0, { type: 'start' });
    expect(at(10, { type: 'taken', request: 1, holder: 'b', remainingMs: 100 })).toEqual([
      { type: 'wake', atMs: 135 },
    ]);
    expect(at(134, { type: 'tick' })).toEqual([{ type: 'wake', atMs: 135 }]);
    expect(at(135, { type: 'tick' })[0]).toMatchObject({ type: 'acquire', request: 2 });
    expect(at(140, { type: 'taken', request: 2, holder: 'b', remainingMs: 99_000 })).toEqual([
      { type: 'wake', atMs: 465 },
    ]);
  });

  it('ends when the store refuses to renew, at once', () => {
    const { at } = script(OPTIONS);
    at(0, { type: 'start' });
    at(1, { type: 'granted', request: 1, token: TOKEN });
    at(301, { type: 'tick' });
    expect(at(310, { type: 'refused', request: 2 })).toEqual([
      { type: 'lost', token: TOKEN, reason: 'refused' },
    ]);
  });

  it('tries a failed renewal again until the end', () => {
    const { at } = script(OPTIONS);
    at(0, { type: 'start' });
    at(1, { type: 'granted', request: 1, token: TOKEN });
    at(301, { type: 'tick' });
    expect(at(310, { type: 'failed', request: 2 })).toEqual([{ type: 'wake', atMs: 335 }]);
    expect(at(335, { type: 'tick' })[0]).toMatchObject({ type: 'renew', request: 3 });
    expect(at(811, { type: 'failed', request: 3 })).toEqual([
      { type: 'lost', token: TOKEN, reason: 'expired' },
    ]);
  });

  it('raises the epoch before it asks again when the store went back in time', () => {
    const { at } = script(OPTIONS);
    at(0, { type: 'start' });
    expect(at(5, { type: 'regressed', request: 1 })).toEqual([
      { type: 'recover', request: 2, timeoutMs: 150 },
    ]);
    expect(at(9, { type: 'recovered', request: 2 })[0]).toMatchObject({ type: 'acquire', request: 3 });
  });

  it('refuses times that cannot work', () => {
    for (const options of [{ ttlMs: 50 }, { ttlMs: 900, marginMs: 700 }, { ttlMs: 900, marginMs: 0 }])
      expect(() => newLease(options)).toThrow(TypeError);
  });
});

describe('a leader', () => {
  const leader = { ...OPTIONS, kind: 'leader', whenLost: 'campaign' } as const;

  it('acts only under an epoch that was raised for it', () => {
    const { at, phase } = script(leader);
    at(0, { type: 'start' });
    expect(at(5, { type: 'granted', request: 1, token: TOKEN })[0]).toMatchObject({
      type: 'raise',
      token: TOKEN,
    });
    expect(phase()).toBe('raising');
    expect(at(20, { type: 'raised', request: 2, epoch: 4 })[0]).toEqual({
      type: 'gained',
      token: { epoch: 4, counter: 0 },
      stopAtMs: 810,
    });
  });

  it('does not act when raising took too long', () => {
    const { at, phase } = script(leader);
    at(0, { type: 'start' });
    at(5, { type: 'granted', request: 1, token: TOKEN });
    at(810, { type: 'tick' });
    expect(phase()).toBe('waiting');
    expect(at(811, { type: 'raised', request: 2, epoch: 4 })).toEqual([]);
  });

  it('campaigns again after a loss, and recovers the store first where that was the reason', () => {
    const { at } = script(leader);
    at(0, { type: 'start' });
    at(1, { type: 'granted', request: 1, token: TOKEN });
    at(2, { type: 'raised', request: 2, epoch: 4 });
    at(302, { type: 'tick' });
    const effects = at(303, { type: 'regressed', request: 3 });
    expect(effects[0]).toMatchObject({ type: 'lost', reason: 'store-regressed' });
    expect(effects[1]).toMatchObject({ type: 'recover' });
  });
});

it('a fence gate refuses every token below the highest it saw', () => {
  const gate = new FenceGate();
  const verdicts = [
    [1, 5],
    [1, 4],
    [2, 0],
    [1, 99],
    [2, 0],
  ].map(([epoch, counter]) => gate.check({ epoch: epoch!, counter: counter! }));
  expect(verdicts).toEqual(['accepted', 'stale', 'accepted', 'stale', 'accepted']);
  expect(compareTokens({ epoch: 2, counter: 0 }, { epoch: 1, counter: 9 })).toBeGreaterThan(0);
});
