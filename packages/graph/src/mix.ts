/** Spreads an integer over 32 bits, one-to-one. The same function as `mix` of the kernels. */
export function mix(value: number): number {
  let h = (value + 0x9e37_79b9) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0_aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a_2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

/** The integer that `mix` spread. The factors are the inverses of its own, modulo 2^32. */
export function unmix(mixed: number): number {
  let h = Math.imul(mixed ^ (mixed >>> 15) ^ (mixed >>> 30), 0x9713_2227);
  h = Math.imul(h ^ (h >>> 15) ^ (h >>> 30), 0x333c_4925);
  return ((h ^ (h >>> 16)) - 0x9e37_79b9) >>> 0;
}
