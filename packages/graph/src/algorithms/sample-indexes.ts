/** Seeded samples without repetition: the indexes whose hashes are smallest. Equal on every machine. */

import { mix } from '../mix.js';

/** @returns `size` of the indexes below `count`, rising; all of them when `size` is `count`. */
export function sampleIndexes(count: number, size: number, seed: number): Uint32Array {
  const indexes = Uint32Array.from({ length: count }, (_, index) => index);
  if (size >= count) return indexes;
  const hashes = indexes.map((index) => mix(mix(seed) ^ index));
  return indexes
    .sort((one, other) => hashes[one]! - hashes[other]! || one - other)
    .slice(0, size)
    .sort();
}
