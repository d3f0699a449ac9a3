import { NONE, i32At, setU32, u32At } from '../array';

/**
 * Vertices by gain, one set of lists per side: Fiduccia and Mattheyses, "A linear-time heuristic for improving network
 * partitions" (DAC 1982). Gains beyond `bound` share the outermost lists. The last one put in comes out first.
 */
// @ts-ignore: decorator
@unmanaged
export class Buckets {
  bound: i32 = 0;
  /** First vertex of each list: 2 * bound + 1 lists of side 0, then as many of side 1. */
  heads: usize = 0;
  next: usize = 0;
  previous: usize = 0;
  /** List that each vertex is in, NONE when in none. */
  places: usize = 0;
  /** Per side, no list above this one has a vertex; relative to the first list of the side. */
  highest0: i32 = 0;
  highest1: i32 = 0;
}

export const BUCKETS_WORDS: u32 = 8;

export function clearBuckets(buckets: Buckets, vertexCount: u32): void {
  memory.fill(buckets.heads, 0xff, <usize>(2 * (2 * buckets.bound + 1)) << 2);
  memory.fill(buckets.places, 0xff, <usize>vertexCount << 2);
  buckets.highest0 = -1;
  buckets.highest1 = -1;
}

export function insert(buckets: Buckets, vertex: u32, side: u32, gain: i32): void {
  const bound = buckets.bound;
  const list = max(-bound, min(bound, gain)) + bound;
  const place = <u32>list + side * <u32>(2 * bound + 1);
  const head = u32At(buckets.heads, place);
  setU32(buckets.next, vertex, head);
  setU32(buckets.previous, vertex, NONE);
  if (head != NONE) setU32(buckets.previous, head, vertex);
  setU32(buckets.heads, place, vertex);
  setU32(buckets.places, vertex, place);
  if (side == 0) buckets.highest0 = max(buckets.highest0, list);
  else buckets.highest1 = max(buckets.highest1, list);
}

export function remove(buckets: Buckets, vertex: u32): void {
  const place = u32At(buckets.places, vertex);
  const next = u32At(buckets.next, vertex);
  const previous = u32At(buckets.previous, vertex);
  if (next != NONE) setU32(buckets.previous, next, previous);
  if (previous != NONE) setU32(buckets.next, previous, next);
  else setU32(buckets.heads, place, next);
  setU32(buckets.places, vertex, NONE);
}

/** A vertex of greatest gain on a side, NONE when there is none. */
export function topOf(buckets: Buckets, side: u32): u32 {
  const base = side * <u32>(2 * buckets.bound + 1);
  let list = side == 0 ? buckets.highest0 : buckets.highest1;
  while (list >= 0 && u32At(buckets.heads, base + <u32>list) == NONE) list--;
  if (side == 0) buckets.highest0 = list;
  else buckets.highest1 = list;
  return list < 0 ? NONE : u32At(buckets.heads, base + <u32>list);
}

/** Adds to the gain of a vertex, and moves it to the list of its new gain if it is in one. */
export function adjust(buckets: Buckets, gains: usize, vertex: u32, side: u32, change: i32): void {
  const gain = i32At(gains, vertex) + change;
  store<i32>(gains + (<usize>vertex << 2), gain);
  if (u32At(buckets.places, vertex) == NONE) return;
  remove(buckets, vertex);
  insert(buckets, vertex, side, gain);
}
