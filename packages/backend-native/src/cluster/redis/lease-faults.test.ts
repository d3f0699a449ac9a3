/** Many holders of one lease, on a virtual clock, while the store loses answers, data and itself. Seeds are printed. */
import { randomInteger, seededRandom, VirtualClock } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { compareTokens, FenceGate, type FencingToken, tokenText } from '../../protocol/lease/index.js';
import { MemoryEpochStore } from './epoch-store.js';
import { LeaderElection } from './leader-election.js';
import { Locks } from './locks.js';
import { ModelLeaseStore } from './testing/model-lease-store.js';

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed + 1);
const TTL_MS = 900;
const HOLDERS = 4;
const RUN_MS = 30_000;

function world(seed: number, faults = { delayMsMax: 60, lostAnswers: 0.1 }) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const store = new ModelLeaseStore(clock, random, new MemoryEpochStore(), faults);
  return { clock, random, store };
}

describe.each(SEEDS)('seed %i', (seed) => {
  it('no two hold a lock at one moment while the store keeps its data', async () => {
    const { clock, random, store } = world(seed);
    let holders = 0;
    let grants = 0;
    const locks = new Locks(store, { nodeId: 'n', clock, random });
    const worker = async () => {
      while (clock.nowMs() < RUN_MS) {
        const lock = await locks.acquire('one', { ttlMs: TTL_MS, waitMs: RUN_MS }).catch(() => undefined);
        if (!lock) continue;
        expect(holders, 'held twice').toBe(0);
        holders += 1;
        grants += 1;
        const left = () => {
          holders -= 1;
        };
        lock.signal.addEventListener('abort', left, { once: true });
        await new Promise<void>((resolve) => clock.schedule(random() * 2 * TTL_MS, resolve));
        lock.signal.removeEventListener('abort', left);
        if (!lock.signal.aborted) left();
        await lock.release();
      }
    };
    await clock.drive(Promise.all(Array.from({ length: HOLDERS }, worker)));
    expect(grants).toBeGreaterThan(10);
  });

  it('tokens only grow and are never issued twice, whatever the store loses; the gate lets no older one through', async () => {
    const { clock, random, store } = world(seed);
    const gate = new FenceGate();
    const accepted: FencingToken[] = [];
    const locks = new Locks(store, { nodeId: 'n', clock, random });
    const worker = async () => {
      while (clock.nowMs() < RUN_MS) {
        const lock = await locks.acquire('one', { ttlMs: TTL_MS, waitMs: 5_000 }).catch(() => undefined);
        if (!lock) continue;
        // Some holders are paused past their time and write all the same: the gate must tell.
        await new Promise<void>((resolve) => clock.schedule(random() * 3 * TTL_MS, resolve));
        if (gate.check(lock.token) === 'accepted') accepted.push(lock.token);
        await lock.release();
      }
    };
    const faults = [() => store.flushAll(), () => store.restartEmpty(), () => store.failOver()];
    const trouble = async () => {
      while (clock.nowMs() < RUN_MS) {
        await new Promise<void>((resolve) => clock.schedule(500 + random() * 2_000, resolve));
        store.replicate();
        await new Promise<void>((resolve) => clock.schedule(random() * 2_000, resolve));
        faults[randomInteger(random, faults.length)]!();
      }
    };
    await clock.drive(Promise.all([trouble(), ...Array.from({ length: HOLDERS }, worker)]));
    expect(new Set(store.issued.map(tokenText)).size).toBe(store.issued.length);
    for (const [at, token] of store.issued.entries())
      if (at > 0) expect(compareTokens(store.issued[at - 1]!, token)).toBeLessThan(0);
    for (const [at, token] of accepted.entries())
      if (at > 0) expect(compareTokens(accepted[at - 1]!, token)).toBeLessThanOrEqual(0);
    expect(accepted.length).toBeGreaterThan(3);
  });

  it('no two lead in one epoch, epochs grow, and there is a leader again soon after trouble', async () => {
    const { clock, random, store } = world(seed, { delayMsMax: 40, lostAnswers: 0.05 });
    const epochs: number[] = [];
    const elections = Array.from({ length: 3 }, (_, node) => {
      const election: LeaderElection = new LeaderElection(store, {
        nodeId: `head-${node}`,
        ttlMs: TTL_MS,
        clock,
        random,
        onChange: (leadership) => {
          if (leadership.type === 'leader') epochs.push(leadership.epoch);
        },
      });
      election.start();
      return election;
    });
    for (let round = 0; round < 8; round++) {
      [() => store.flushAll(), () => store.restartEmpty(), () => store.failOver(), () => {}][round % 4]!();
      if (round % 3 === 0) store.replicate();
      await clock.advance(2 * TTL_MS);
      const leaders = () => elections.filter(({ current }) => current.type === 'leader').length;
      for (let waited = 2; leaders() === 0 && waited < 10; waited++) await clock.advance(TTL_MS);
      expect(leaders()).toBe(1);
    }
    expect(new Set(epochs).size, epochs.join(' ')).toBe(epochs.length);
    expect(epochs).toEqual([...epochs].sort((left, right) => left - right));
    for (const election of elections) {
      const stopped = election.stop();
      await clock.drive(stopped);
    }
  });
});
