/** Spreads an id over 32 bits. One-to-one: different ids have different hashes. */
// @ts-ignore: decorator
@inline
export function mix(value: u32): u32 {
  let h = value + 0x9e37_79b9;
  h = (h ^ (h >> 16)) * 0x21f0_aaad;
  h = (h ^ (h >> 15)) * 0x735a_2d97;
  return h ^ (h >> 15);
}
