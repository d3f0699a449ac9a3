/** Seeded samples without repetition: the indexes whose hashes are smallest. Equal on every machine. */

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

/** Spreads an integer over 32 bits, one-to-one. The same function as `mix` of the kernels. */
function mix(value: number): number {
  let h = (value + 0x9e37_79b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0_aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a_2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
