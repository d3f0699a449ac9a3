/** What a head that joins is told before it does anything. */
import { expect, it } from 'vitest';
import { HEADS_KNOWN_MAX } from './introduction.js';
import { checkRoom } from './join-head-node.js';

it('refuses one head too many, unless it is one of those that are known', () => {
  const heads = Array.from({ length: HEADS_KNOWN_MAX }, (_, index) => ({
    name: `head-${index}`,
    address: `10.0.0.${index}:7700`,
  }));
  expect(() => checkRoom(heads, 'another')).toThrow(/knows 16 heads; the most is 16/);
  expect(() => checkRoom(heads, 'head-3')).not.toThrow();
  expect(() => checkRoom(heads.slice(1), 'another')).not.toThrow();
});
