/**
 * Random numbers by counter: each is a function of a seed, a stream and its place in the stream, so that whatever draws
 * them, in whatever order, draws the same. The output function of SplitMix64: Steele, Lea and Flood, "Fast splittable
 * pseudorandom number generators" (OOPSLA 2014).
 */
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
/** 2^-53. */
const UNIT: f64 = 1.0 / 9_007_199_254_740_992.0;

// @ts-ignore: decorator
@inline
function scramble(value: u64): u64 {
  let z = value;
  z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9;
  z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
  return z ^ (z >> 31);
}

/** What the draws of a stream begin with. */
// @ts-ignore: decorator
@inline
export function streamKey(seed: u32, stream: u64): u64 {
  return scramble(scramble((<u64>seed + 1) * GOLDEN) + (stream + 1) * GOLDEN);
}

/** Number `counter` of a stream, from 0 to below 1, a multiple of 2^-53. */
// @ts-ignore: decorator
@inline
export function drawUnit(key: u64, counter: u64): f64 {
  return <f64>(scramble(key + (counter + 1) * GOLDEN) >> 11) * UNIT;
}

/** Number `counter` of a stream as an integer below `bound`, which is at least 1; even to one part in 2^21 or better. */
// @ts-ignore: decorator
@inline
export function drawBelow(key: u64, counter: u64, bound: u32): u32 {
  return min(<u32>(drawUnit(key, counter) * <f64>bound), bound - 1);
}
