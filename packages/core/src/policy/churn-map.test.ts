/** It does what a Map does, across its moves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChurnMap } from './churn-map.js';

describe('ChurnMap', () => {
  it('holds what a Map holds, in the same order, however much comes and goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 7 }), (live, step) => {
        const map = new Map<number, string>();
        const churned = new ChurnMap<number, string>();
        for (let key = 0; key < 10_000; key += step) {
          map.set(key, `value ${key}`);
          churned.set(key, `value ${key}`);
          expect(churned.delete(key - live)).toBe(map.delete(key - live));
        }
        expect(churned.size).toBe(map.size);
        expect([...churned.keys()]).toEqual([...map.keys()]);
        expect([...churned.values()]).toEqual([...map.values()]);
        for (const key of map.keys()) expect(churned.get(key)).toBe(map.get(key));
        expect(churned.has(-1)).toBe(false);
      }),
      { numRuns: 15 },
    );
  });

  it('is empty after it was cleared', () => {
    const churned = new ChurnMap<string, number>().set('a', 1);
    churned.clear();
    expect([churned.size, churned.get('a'), [...churned.values()]]).toEqual([0, undefined, []]);
  });
});
