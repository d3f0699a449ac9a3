import { setU32, u32At } from '../array';
import { mix } from '../hash';
import { below, shuffle } from '../shuffle';
import { Arena, borrow, take } from './arena';
import { coarsen, project } from './coarsen';
import { Level } from './level';
import { improve, overload, Sides, SIDES_WORDS } from './refine-sides';

/** Divisions of the coarsest level that are tried. */
const TRIALS: u32 = 16;
/** Passes of moves per level; a pass that gains nothing ends them. */
const PASSES_MAX: u32 = 8;
/** Times that a division is coarsened again within its sides and refined; one that gains nothing ends it. */
const CYCLES_MAX: u32 = 4;

/**
 * Divides a level into two sides of at most `most0` and `most1`: the best of `restarts` runs of coarsening, trials on the
 * coarsest level, and refinement on the way back, each followed by further cycles. Returns the weight cut;
 * `level.parts` are the sides.
 */
export function bisect(arena: Arena, level: Level, target0: u32, most0: u32, most1: u32, restarts: u32, key: u32): u32 {
  const bottom = arena.bottom;
  const best = take(arena, level.vertexCount);
  const sides = changetype<Sides>(take(arena, SIDES_WORDS));
  sides.most0 = most0;
  sides.most1 = most1;
  let bestCut: u32 = 0;
  let bestOver: u32 = 0;
  for (let restart: u32 = 0; restart < restarts; restart++) {
    const seed = mix(key + restart);
    runMultilevel(arena, level, sides, target0, seed);
    for (let cycle: u32 = 1; cycle <= CYCLES_MAX; cycle++) {
      const cut = sides.cut;
      const over = overload(sides);
      runCycle(arena, level, sides, mix(seed + cycle));
      if (sides.cut >= cut && overload(sides) >= over) break;
    }
    const over = overload(sides);
    if (restart > 0 && (over > bestOver || (over == bestOver && sides.cut >= bestCut))) continue;
    bestCut = sides.cut;
    bestOver = over;
    memory.copy(best, level.parts, <usize>level.vertexCount << 2);
  }
  memory.copy(level.parts, best, <usize>level.vertexCount << 2);
  arena.bottom = bottom;
  return bestCut;
}

function runMultilevel(arena: Arena, level: Level, sides: Sides, target0: u32, seed: u32): void {
  const bottom = arena.bottom;
  const coarsest = coarsen(arena, level, false, seed);
  divide(arena, coarsest, sides, target0, seed);
  refineUp(arena, coarsest, sides);
  arena.bottom = bottom;
}

/** Coarsens within the sides and refines on the way back: never worse than before. */
function runCycle(arena: Arena, level: Level, sides: Sides, seed: u32): void {
  const bottom = arena.bottom;
  const coarsest = coarsen(arena, level, true, seed);
  improve(arena, coarsest, sides, PASSES_MAX);
  refineUp(arena, coarsest, sides);
  arena.bottom = bottom;
}

function refineUp(arena: Arena, coarsest: Level, sides: Sides): void {
  for (let level = coarsest; level.finer != 0; ) {
    const finer = changetype<Level>(level.finer);
    project(level, finer);
    improve(arena, finer, sides, PASSES_MAX);
    level = finer;
  }
}

/** The best of several divisions of the coarsest level: grown from one vertex, or by chance, then refined. */
function divide(arena: Arena, level: Level, sides: Sides, target0: u32, seed: u32): void {
  const top = arena.top;
  const count = level.vertexCount;
  const best = borrow(arena, count);
  let bestCut: u32 = 0;
  let bestOver: u32 = 0;
  for (let trial: u32 = 0; trial < TRIALS; trial++) {
    grow(arena, level, target0, trial % 4 == 3, mix(seed ^ (trial + 1)));
    improve(arena, level, sides, PASSES_MAX);
    const over = overload(sides);
    if (trial > 0 && (over > bestOver || (over == bestOver && sides.cut >= bestCut))) continue;
    bestCut = sides.cut;
    bestOver = over;
    memory.copy(best, level.parts, <usize>count << 2);
  }
  memory.copy(level.parts, best, <usize>count << 2);
  sides.cut = bestCut;
  arena.top = top;
}

/** Side 0 up to about `target0`: breadth first from a vertex, or in any order (`byChance`). */
function grow(arena: Arena, level: Level, target0: u32, byChance: bool, key: u32): void {
  const top = arena.top;
  const count = level.vertexCount;
  const order = borrow(arena, count);
  const queue = borrow(arena, count);
  const isSeen = borrow(arena, count);
  shuffle(count, key, order);
  for (let vertex: u32 = 0; vertex < count; vertex++) {
    setU32(level.parts, vertex, 1);
    setU32(isSeen, vertex, 0);
  }
  let weight: u32 = 0;
  let head: u32 = 0;
  let tail: u32 = 0;
  let next: u32 = 0;
  while (weight < target0 && (head < tail || next < count)) {
    let vertex: u32;
    if (head < tail) {
      vertex = u32At(queue, head++);
    } else {
      vertex = u32At(order, next++);
      if (u32At(isSeen, vertex) != 0) continue;
      setU32(isSeen, vertex, 1);
    }
    const own = u32At(level.nodeWeights, vertex);
    // A heavy vertex that would go too far beyond stays where it is.
    if (weight + own > target0 + own / 2 && weight > 0) continue;
    setU32(level.parts, vertex, 0);
    weight += own;
    if (byChance) continue;
    tail = queueNeighbours(level, vertex, queue, tail, isSeen, key);
  }
  arena.top = top;
}

/** Queues the neighbours of a vertex that were not seen; hyperedges in an order that depends on the key. */
function queueNeighbours(level: Level, vertex: u32, queue: usize, end: u32, isSeen: usize, key: u32): u32 {
  let tail = end;
  const first = u32At(level.nodeOffsets, vertex);
  const degree = u32At(level.nodeOffsets, vertex + 1) - first;
  const start = degree == 0 ? 0 : below(mix(vertex ^ key), degree);
  for (let i: u32 = 0; i < degree; i++) {
    const edge = u32At(level.edges, first + ((start + i) % degree));
    const stop = u32At(level.edgeOffsets, edge + 1);
    for (let pin = u32At(level.edgeOffsets, edge); pin < stop; pin++) {
      const other = u32At(level.pins, pin);
      if (u32At(isSeen, other) != 0) continue;
      setU32(isSeen, other, 1);
      setU32(queue, tail++, other);
    }
  }
  return tail;
}
