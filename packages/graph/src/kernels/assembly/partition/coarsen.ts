import { clearU32, f64At, setF64, setU32, u32At } from '../array';
import { mix } from '../hash';
import { renumber } from '../labels';
import { shuffle } from '../shuffle';
import { Arena, borrow, hasRoom } from './arena';
import { collapse } from './collapse';
import { Level } from './level';

/** Larger hyperedges say little about what belongs together, and cost much. */
const RATED_SIZE_MAX: u32 = 1000;
/** Coarsening ends at this number of vertices, or when a level loses less than one in twenty. */
export const COARSEST: u32 = 160;
/** A level keeps this share of its vertices at least: slower coarsening finds better cuts. */
const KEPT: f64 = 0.6;

/**
 * Levels from `finest` to the coarsest, which is returned. Vertices join the cluster that they share most weight of small
 * hyperedges with, divided by its weight (heavy edges: Karypis, Aggarwal, Kumar and Shekhar, "Multilevel hypergraph
 * partitioning", IEEE Trans. VLSI 7 (1999)). With `keepParts` only within a side, and levels take over the sides.
 */
export function coarsen(arena: Arena, finest: Level, keepParts: bool, key: u32): Level {
  let level = finest;
  const weightMax = max<u32>(1, <u32>((<u64>finest.weight * 3) / (2 * COARSEST)));
  for (let round: u32 = 1; level.vertexCount > COARSEST; round++) {
    const count = cluster(arena, level, keepParts, weightMax, mix(key + round));
    if (count == 0 || <f64>count > 0.95 * <f64>level.vertexCount) break;
    const coarse = collapse(arena, level, level.map, count);
    if (coarse == null) break;
    coarse.finer = changetype<usize>(level);
    level = coarse;
  }
  return level;
}

/** Fills `level.map` with clusters 0 to n - 1. Returns n, or 0 when the arena has no room to find them. */
function cluster(arena: Arena, level: Level, keepParts: bool, weightMax: u32, key: u32): u32 {
  const count = level.vertexCount;
  if (!hasRoom(arena, 6 * <u64>count)) return 0;
  const top = arena.top;
  const order = borrow(arena, count);
  const weights = borrow(arena, count);
  const isAlone = borrow(arena, count);
  const touched = borrow(arena, count);
  const scores = borrow(arena, 2 * count);
  memory.copy(weights, level.nodeWeights, <usize>count << 2);
  shuffle(count, key, order);
  for (let vertex: u32 = 0; vertex < count; vertex++) {
    setU32(level.map, vertex, vertex);
    setU32(isAlone, vertex, 1);
    setF64(scores, vertex, 0);
  }
  const least = <u32>(KEPT * <f64>count);
  let left = count;
  for (let turn: u32 = 0; turn < count && left > least; turn++) {
    const vertex = u32At(order, turn);
    if (u32At(isAlone, vertex) == 0) continue;
    const best = rate(level, vertex, keepParts, weightMax, weights, scores, touched, key);
    if (best == vertex) continue;
    setU32(level.map, vertex, best);
    setU32(isAlone, best, 0);
    setU32(isAlone, vertex, 0);
    setU32(weights, best, u32At(weights, best) + u32At(weights, vertex));
    left--;
  }
  const clusters = renumber(count, level.map, touched);
  arena.top = top;
  return clusters;
}

/** The cluster that a vertex joins; itself when there is none. `scores` is zero before and after. */
function rate(
  level: Level,
  vertex: u32,
  keepParts: bool,
  weightMax: u32,
  weights: usize,
  scores: usize,
  touched: usize,
  key: u32,
): u32 {
  let touches: u32 = 0;
  const part = u32At(level.parts, vertex);
  const last = u32At(level.nodeOffsets, vertex + 1);
  for (let i = u32At(level.nodeOffsets, vertex); i < last; i++) {
    const edge = u32At(level.edges, i);
    const begin = u32At(level.edgeOffsets, edge);
    const end = u32At(level.edgeOffsets, edge + 1);
    if (end - begin > RATED_SIZE_MAX) continue;
    const share = <f64>u32At(level.edgeWeights, edge) / <f64>(end - begin - 1);
    for (let pin = begin; pin < end; pin++) {
      const other = u32At(level.pins, pin);
      if (other == vertex || (keepParts && u32At(level.parts, other) != part)) continue;
      const group = u32At(level.map, other);
      const score = f64At(scores, group);
      if (score == 0) setU32(touched, touches++, group);
      setF64(scores, group, score + share);
    }
  }
  let best = vertex;
  let most: f64 = 0;
  const own = u32At(weights, vertex);
  for (let i: u32 = 0; i < touches; i++) {
    const group = u32At(touched, i);
    const score = f64At(scores, group) / <f64>u32At(weights, group);
    setF64(scores, group, 0);
    if (own + u32At(weights, group) > weightMax || score < most) continue;
    if (score == most && mix(group ^ key) < mix(best ^ key)) continue;
    best = group;
    most = score;
  }
  return best;
}

/** Sides of the next finer level: those of the clusters. */
export function project(coarse: Level, fine: Level): void {
  for (let vertex: u32 = 0; vertex < fine.vertexCount; vertex++) {
    setU32(fine.parts, vertex, u32At(coarse.parts, u32At(fine.map, vertex)));
  }
}

/** All vertices on one side. */
export function resetParts(level: Level): void {
  clearU32(level.parts, level.vertexCount);
}
