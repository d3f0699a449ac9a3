import { describe, expect, it } from 'vitest';
import { randomInteger, seededRandom } from './seeded-random.js';

describe('seededRandom', () => {
  it('repeats for a seed and differs between seeds', () => {
    const take = (seed: number) => Array.from({ length: 8 }, seededRandom(seed));
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  it('is uniform enough: mean, spread and buckets of 100,000 draws', () => {
    for (const seed of [0, 1, -5, 2 ** 31]) {
      const random = seededRandom(seed);
      const buckets = new Array<number>(10).fill(0);
      let sum = 0;
      for (let draw = 0; draw < 100_000; draw++) {
        const value = random();
        if (!(value >= 0 && value < 1)) expect.fail(`out of range: ${value}`);
        sum += value;
        buckets[Math.floor(value * 10)]! += 1;
      }
      expect(sum / 100_000).toBeCloseTo(0.5, 2);
      for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    }
  });

  it('gives integers below the bound', () => {
    const random = seededRandom(3);
    const seen = new Set(Array.from({ length: 500 }, () => randomInteger(random, 5)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});
