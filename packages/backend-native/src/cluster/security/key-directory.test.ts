/** How long a key of a node holds once it has a newer one. */
import { expect, it } from 'vitest';
import { KeyDirectory } from './key-directory.js';
import type { NodeIdentity } from './node-identity.js';

const OVERLAP_MS = 60_000;

const identity = (number: number, validFromMs = 1_000 * number): NodeIdentity => ({
  nodeId: 'worker-1',
  role: 'worker',
  curveKey: Buffer.alloc(32, number),
  signKey: Buffer.alloc(32, number),
  fingerprint: `${number}`,
  validFromMs,
  validToMs: 1e12,
});

function directory() {
  const clock = { nowMs: 0 };
  const keys = new KeyDirectory({ nowMs: () => clock.nowMs, isRevoked: () => false, overlapMs: OVERLAP_MS });
  const holds = (...all: NodeIdentity[]) => all.map(({ curveKey }) => keys.find(curveKey) !== undefined);
  return { clock, keys, holds };
}

it('accepts the key before the newest one for the overlap, from when the newest is known', () => {
  const { clock, keys, holds } = directory();
  const [first, second] = [identity(1), identity(2)];
  keys.bind(first);
  clock.nowMs = 1e9;
  expect(holds(first)).toEqual([true]);
  keys.bind(second);
  clock.nowMs += OVERLAP_MS;
  expect(holds(first, second)).toEqual([true, true]);
  clock.nowMs += 1;
  expect(holds(first, second)).toEqual([false, true]);
  // Shown again it is no newer than it was.
  keys.bind(first);
  expect(holds(first, second)).toEqual([false, true]);
  expect(keys.ofNode('worker-1')).toBe(second);
});

it('takes the newest first, whatever comes first, and never more than two', () => {
  const { clock, keys, holds } = directory();
  const [first, second, third] = [identity(1), identity(2), identity(3)];
  for (const each of [third, first, second]) keys.bind(each);
  expect(holds(first, second, third)).toEqual([false, true, true]);
  clock.nowMs = OVERLAP_MS + 1;
  expect(holds(first, second, third)).toEqual([false, false, true]);
});

it('accepts two that were made in the same second, since neither is known to be the newer one', () => {
  const { clock, keys, holds } = directory();
  const [one, other] = [identity(1, 5_000), identity(2, 5_000)];
  for (const each of [one, other, one]) keys.bind(each);
  clock.nowMs = 10 * OVERLAP_MS;
  expect(holds(one, other)).toEqual([true, true]);
});
