/**
 * Repeatable randomness for tests and simulations; not for secrets. The generator is xoshiro128** (Blackman and
 * Vigna, "Scrambled linear pseudorandom number generators", 2021), its state filled from the seed by the
 * 32-bit finaliser of MurmurHash3 over a Weyl sequence.
 */
import type { Random } from '../contract/index.js';

/** @param seed Any integer; equal seeds give equal sequences. */
export function seededRandom(seed: number): Random {
  let weyl = seed | 0;
  const fill = () => {
    weyl = (weyl + 0x9e3779b9) | 0;
    let mixed = weyl;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return mixed ^ (mixed >>> 16);
  };
  let s0 = fill();
  let s1 = fill();
  let s2 = fill();
  let s3 = fill() | 1;
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = rotateLeft(s3, 11);
    return result / 0x1_0000_0000;
  };
}

/** An integer in [0, bound). */
export function randomInteger(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
