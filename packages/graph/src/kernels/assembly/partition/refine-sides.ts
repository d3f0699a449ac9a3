import { NONE, clearU32, i32At, setI32, setU32, u32At } from '../array';
import { Arena, borrow } from './arena';
import { adjust, Buckets, BUCKETS_WORDS, clearBuckets, insert, remove, topOf } from './buckets';
import { Level } from './level';

/** Gains beyond this share a list. */
const GAIN_BOUND_MAX: i32 = 1 << 15;

/** What a division into two sides is worth, and the state of a pass. */
// @ts-ignore: decorator
@unmanaged
export class Sides {
  /** Weight of each side, and the most that it may have. */
  weight0: u32 = 0;
  weight1: u32 = 0;
  most0: u32 = 0;
  most1: u32 = 0;
  /** Weight of the hyperedges on both sides. */
  cut: u32 = 0;
}

export const SIDES_WORDS: u32 = 8;

/** Weight above what is allowed. */
export function overload(sides: Sides): u32 {
  const over0 = sides.weight0 > sides.most0 ? sides.weight0 - sides.most0 : 0;
  return over0 + (sides.weight1 > sides.most1 ? sides.weight1 - sides.most1 : 0);
}

/** Words that `improve` borrows at most. */
export function improveWords(level: Level): u64 {
  return 6 * <u64>level.vertexCount + 2 * <u64>level.edgeCount + 4 * <u64>GAIN_BOUND_MAX + 2 + <u64>BUCKETS_WORDS;
}

/**
 * Improves a division by passes of single moves (Fiduccia and Mattheyses 1982) until a pass gains nothing, at most
 * `passesMax`. Less overload comes before a smaller cut. Afterwards `sides` holds what it is worth.
 */
export function improve(arena: Arena, level: Level, sides: Sides, passesMax: u32): void {
  const top = arena.top;
  const count = level.vertexCount;
  const counts = borrow(arena, 2 * level.edgeCount);
  const gains = borrow(arena, count);
  const moves = borrow(arena, count);
  const buckets = changetype<Buckets>(borrow(arena, BUCKETS_WORDS));
  buckets.next = borrow(arena, count);
  buckets.previous = borrow(arena, count);
  buckets.places = borrow(arena, count);
  buckets.bound = gainBound(level);
  buckets.heads = borrow(arena, 2 * (2 * <u32>buckets.bound + 1));
  measure(level, sides, counts);
  for (let pass: u32 = 0; pass < passesMax; pass++) {
    const before = sides.cut;
    const over = overload(sides);
    runPass(level, sides, counts, gains, moves, buckets);
    if (sides.cut >= before && overload(sides) >= over) break;
  }
  arena.top = top;
}

/** Weights, cut and members on each side of every hyperedge. */
function measure(level: Level, sides: Sides, counts: usize): void {
  sides.weight0 = 0;
  for (let vertex: u32 = 0; vertex < level.vertexCount; vertex++) {
    if (u32At(level.parts, vertex) == 0) sides.weight0 += u32At(level.nodeWeights, vertex);
  }
  sides.weight1 = level.weight - sides.weight0;
  sides.cut = 0;
  clearU32(counts, 2 * level.edgeCount);
  for (let edge: u32 = 0; edge < level.edgeCount; edge++) {
    const end = u32At(level.edgeOffsets, edge + 1);
    let ones: u32 = 0;
    const first = u32At(level.edgeOffsets, edge);
    for (let pin = first; pin < end; pin++) ones += u32At(level.parts, u32At(level.pins, pin));
    setU32(counts, 2 * edge, end - first - ones);
    setU32(counts, 2 * edge + 1, ones);
    if (ones > 0 && ones < end - first) sides.cut += u32At(level.edgeWeights, edge);
  }
}

function gainBound(level: Level): i32 {
  let most: u32 = 1;
  for (let vertex: u32 = 0; vertex < level.vertexCount; vertex++) {
    let sum: u32 = 0;
    const last = u32At(level.nodeOffsets, vertex + 1);
    for (let i = u32At(level.nodeOffsets, vertex); i < last; i++) sum += u32At(level.edgeWeights, u32At(level.edges, i));
    most = max(most, sum);
  }
  return <i32>min(most, <u32>GAIN_BOUND_MAX);
}

/** One pass: moves each vertex at most once, best first, and takes back what came after the best moment. */
function runPass(level: Level, sides: Sides, counts: usize, gains: usize, moves: usize, buckets: Buckets): void {
  clearBuckets(buckets, level.vertexCount);
  for (let vertex: u32 = 0; vertex < level.vertexCount; vertex++) {
    const gain = gainOf(level, vertex, counts);
    setI32(gains, vertex, gain);
    insert(buckets, vertex, u32At(level.parts, vertex), gain);
  }
  const patience = max<u32>(250, level.vertexCount / 12);
  let leastCut = sides.cut;
  let leastOver = overload(sides);
  let made: u32 = 0;
  let best: u32 = 0;
  while (made - best < patience) {
    const vertex = chooseMove(level, sides, gains, buckets);
    if (vertex == NONE) break;
    moveAcross(level, sides, vertex, counts, gains, buckets);
    setU32(moves, made++, vertex);
    const over = overload(sides);
    if (over < leastOver || (over == leastOver && sides.cut < leastCut)) {
      leastOver = over;
      leastCut = sides.cut;
      best = made;
    }
  }
  while (made > best) undo(level, sides, u32At(moves, --made), counts);
  sides.cut = leastCut;
}

function gainOf(level: Level, vertex: u32, counts: usize): i32 {
  const side = u32At(level.parts, vertex);
  let gain: i32 = 0;
  const last = u32At(level.nodeOffsets, vertex + 1);
  for (let i = u32At(level.nodeOffsets, vertex); i < last; i++) {
    const edge = u32At(level.edges, i);
    const weight = <i32>u32At(level.edgeWeights, edge);
    if (u32At(counts, 2 * edge + side) == 1) gain += weight;
    if (u32At(counts, 2 * edge + 1 - side) == 0) gain -= weight;
  }
  return gain;
}

/** The move of greatest gain that is allowed, out of the buckets; NONE when there is none. */
function chooseMove(level: Level, sides: Sides, gains: usize, buckets: Buckets): u32 {
  while (true) {
    const one = topOf(buckets, 0);
    const other = topOf(buckets, 1);
    if (one == NONE && other == NONE) return NONE;
    let vertex: u32;
    if (sides.weight0 > sides.most0 && one != NONE) vertex = one;
    else if (sides.weight1 > sides.most1 && other != NONE) vertex = other;
    else if (one == NONE) vertex = other;
    else if (other == NONE) vertex = one;
    else if (i32At(gains, one) != i32At(gains, other)) vertex = i32At(gains, one) > i32At(gains, other) ? one : other;
    else vertex = <u64>sides.weight0 * <u64>sides.most1 >= <u64>sides.weight1 * <u64>sides.most0 ? one : other;
    remove(buckets, vertex);
    // A side may go over by one vertex, which the next move takes back: without that, equal halves could never swap.
    const isAllowed = u32At(level.parts, vertex) == 0
      ? sides.weight1 <= sides.most1 || sides.weight0 > sides.most0
      : sides.weight0 <= sides.most0 || sides.weight1 > sides.most1;
    if (isAllowed) return vertex;
  }
  return NONE;
}

/** Moves a vertex that is in no bucket, and keeps counts, cut and gains up to date. */
function moveAcross(level: Level, sides: Sides, vertex: u32, counts: usize, gains: usize, buckets: Buckets): void {
  const from = u32At(level.parts, vertex);
  sides.cut -= i32At(gains, vertex);
  setU32(level.parts, vertex, 1 - from);
  shiftWeight(level, sides, vertex, from);
  const last = u32At(level.nodeOffsets, vertex + 1);
  for (let i = u32At(level.nodeOffsets, vertex); i < last; i++) {
    const edge = u32At(level.edges, i);
    const weight = <i32>u32At(level.edgeWeights, edge);
    const there = u32At(counts, 2 * edge + 1 - from);
    const here = u32At(counts, 2 * edge + from) - 1;
    setU32(counts, 2 * edge + from, here);
    setU32(counts, 2 * edge + 1 - from, there + 1);
    if (there <= 1) changeGains(level, edge, vertex, there == 0 ? NONE : 1 - from, there == 0 ? weight : -weight, gains, buckets);
    if (here <= 1) changeGains(level, edge, vertex, here == 0 ? NONE : from, here == 0 ? -weight : weight, gains, buckets);
  }
}

/** Changes the gains of the other members of a hyperedge, of one side or (NONE) of both. */
function changeGains(
  level: Level,
  edge: u32,
  moved: u32,
  side: u32,
  change: i32,
  gains: usize,
  buckets: Buckets,
): void {
  const end = u32At(level.edgeOffsets, edge + 1);
  for (let pin = u32At(level.edgeOffsets, edge); pin < end; pin++) {
    const vertex = u32At(level.pins, pin);
    if (vertex == moved) continue;
    const own = u32At(level.parts, vertex);
    if (side == NONE || own == side) adjust(buckets, gains, vertex, own, change);
  }
}

function shiftWeight(level: Level, sides: Sides, vertex: u32, from: u32): void {
  const weight = u32At(level.nodeWeights, vertex);
  if (from == 0) {
    sides.weight0 -= weight;
    sides.weight1 += weight;
  } else {
    sides.weight1 -= weight;
    sides.weight0 += weight;
  }
}

/** Takes a move back; gains are not kept. */
function undo(level: Level, sides: Sides, vertex: u32, counts: usize): void {
  const from = u32At(level.parts, vertex);
  setU32(level.parts, vertex, 1 - from);
  shiftWeight(level, sides, vertex, from);
  const last = u32At(level.nodeOffsets, vertex + 1);
  for (let i = u32At(level.nodeOffsets, vertex); i < last; i++) {
    const edge = u32At(level.edges, i);
    setU32(counts, 2 * edge + from, u32At(counts, 2 * edge + from) - 1);
    setU32(counts, 2 * edge + 1 - from, u32At(counts, 2 * edge + 1 - from) + 1);
  }
}
