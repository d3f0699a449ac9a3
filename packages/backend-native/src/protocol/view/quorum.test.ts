import { seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { judgeQuorum, type VoterState } from './quorum.js';

const voter = (
  id: string,
  how: 'reached' | 'silent' | 'gone',
  role: 'head' | 'worker' = 'worker',
): VoterState => ({
  id,
  isReached: how === 'reached',
  isGone: how === 'gone',
  isHead: role === 'head',
});
const stateOf = (voters: readonly VoterState[]) => judgeQuorum(voters, 'member').state;

describe('the quorum of a head', () => {
  it('is more than half of the voters', () => {
    const head = voter('head', 'reached', 'head');
    expect(stateOf([head, voter('a', 'reached'), voter('b', 'silent')])).toBe('held');
    expect(stateOf([head, voter('a', 'silent'), voter('b', 'silent')])).toBe('lost');
    expect(stateOf([head, voter('a', 'silent'), voter('b', 'silent'), voter('c', 'reached')])).toBe('held');
  });

  it('is not asked of those that have ended', () => {
    const head = voter('head', 'reached', 'head');
    expect(judgeQuorum([head, voter('a', 'gone'), voter('b', 'gone')], 'member')).toEqual({
      state: 'held',
      voters: 3,
      reached: 1,
      gone: 2,
      reason: '',
    });
    expect(stateOf([head, voter('a', 'gone'), voter('b', 'silent'), voter('c', 'silent')])).toBe('lost');
  });

  it('goes with the head among two, and with the first of two heads', () => {
    expect(stateOf([voter('head', 'reached', 'head'), voter('a', 'silent')])).toBe('held');
    expect(stateOf([voter('head-1', 'silent', 'head'), voter('head-2', 'reached', 'head')])).toBe('lost');
    expect(stateOf([voter('head-1', 'reached', 'head'), voter('head-2', 'silent', 'head')])).toBe('held');
  });

  it('is lost by a head that the others went on without, and says so', () => {
    const quorum = judgeQuorum([voter('a', 'reached'), voter('b', 'reached')], 'outside');
    expect(quorum.state).toBe('lost');
    expect(quorum.reason).toMatch(/does not belong/);
  });

  it('is never held by both sides of a partition, whatever it looks like', () => {
    const random = seededRandom(7);
    for (let trial = 0; trial < 2000; trial++) {
      const count = 1 + Math.floor(random() * 9);
      const heads = 1 + Math.floor(random() * 3);
      const side = Array.from({ length: count }, () => Math.floor(random() * 3));
      const seenFrom = (own: number) =>
        side.map((where, index) =>
          voter(`n${index}`, where === own ? 'reached' : 'silent', index < heads ? 'head' : 'worker'),
        );
      const held = [0, 1, 2].filter((own) => side.includes(own) && stateOf(seenFrom(own)) === 'held');
      expect(held.length, `trial ${trial}`).toBeLessThanOrEqual(1);
    }
  });
});
