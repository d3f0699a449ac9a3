import { NONE, setU32, u32At } from '../array';
import { mix } from '../hash';
import { requireIncidence } from '../incidence';
import { Arena, ARENA_BYTES, borrow } from './arena';
import { bisect } from './bisect';
import { collapse } from './collapse';
import { finishLevel, Level, newLevel } from './level';

/**
 * Divides vertices into `k` parts of at most `partMax` vertices, with few hyperedges in several parts: by halves, where
 * a hyperedge on both sides goes on as one hyperedge on each, so that the sum of what the halvings cut is the sum over
 * hyperedges of parts less one. `parts[v]` is from 0 to k - 1. Returns that sum. `k` times `partMax` is at least the number
 * of vertices. `arena` has `arenaWords` words. Multilevel as in Karypis, Aggarwal, Kumar and Shekhar, IEEE Trans. VLSI 7
 * (1999), with cycles as in KaHyPar (Schlag and others, "k-way hypergraph partitioning via n-level recursive bisection",
 * ALENEX 2016, section 4 for the allowance of each halving).
 */
export function partition(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  k: u32,
  partMax: u32,
  seed: u32,
  restarts: u32,
  arenaWords: u32,
  parts: usize,
  partsLength: u32,
  memoryStart: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (k == 0 || <u64>k * <u64>partMax < <u64>vertexCount || (<usize>arenaWords << 2) < ARENA_BYTES) unreachable();
  const arena = changetype<Arena>(memoryStart);
  arena.bottom = memoryStart + ARENA_BYTES;
  arena.top = memoryStart + (<usize>arenaWords << 2);
  const whole = readLevel(arena, edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, vertexCount);
  const names = borrow(arena, vertexCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(names, vertex, vertex);
  return divideInto(arena, whole, names, 0, k, partMax, restarts, mix(seed), parts);
}

/** The graph as the finest level: each different member once, hyperedges with equal members merged. */
function readLevel(
  arena: Arena,
  edgeOffsets: usize,
  edgeCount: u32,
  edgeMembers: usize,
  memberCount: u32,
  vertexCount: u32,
): Level {
  const raw = newLevel(arena, vertexCount, edgeCount, memberCount);
  memory.copy(raw.edgeOffsets, edgeOffsets, <usize>(edgeCount + 1) << 2);
  memory.copy(raw.pins, edgeMembers, <usize>memberCount << 2);
  for (let edge: u32 = 0; edge < edgeCount; edge++) setU32(raw.edgeWeights, edge, 1);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    setU32(raw.nodeWeights, vertex, 1);
    setU32(raw.map, vertex, vertex);
    setU32(raw.parts, vertex, 0);
  }
  finishLevel(raw);
  const whole = collapse(arena, raw, raw.map, vertexCount);
  if (whole == null) unreachable();
  return whole!;
}

/** Divides a level, whose vertices are `names` of the graph, into the parts from `first` on. Returns what is cut. */
function divideInto(
  arena: Arena,
  level: Level,
  names: usize,
  first: u32,
  k: u32,
  partMax: u32,
  restarts: u32,
  key: u32,
  parts: usize,
): u32 {
  if (k == 1 || level.vertexCount == 0) {
    for (let vertex: u32 = 0; vertex < level.vertexCount; vertex++) setU32(parts, u32At(names, vertex), first);
    return 0;
  }
  const k0 = (k + 1) >> 1;
  const k1 = k - k0;
  const slack = allowance(<f64>level.weight, k, partMax);
  const share = <f64>level.weight / <f64>k;
  const most0 = limit(share * <f64>k0 * slack, k0, partMax, level.weight);
  const most1 = limit(share * <f64>k1 * slack, k1, partMax, level.weight);
  // Rounding must not leave too little room for all.
  const short = most0 + most1 < level.weight ? level.weight - most0 - most1 : 0;
  let cut = bisect(arena, level, <u32>(share * <f64>k0 + 0.5), most0 + short, most1, restarts, key);
  for (let side: u32 = 0; side < 2; side++) {
    const bottom = arena.bottom;
    const top = arena.top;
    const groups = borrow(arena, level.vertexCount);
    const subNames = borrow(arena, level.vertexCount);
    let count: u32 = 0;
    for (let vertex: u32 = 0; vertex < level.vertexCount; vertex++) {
      const isHere = u32At(level.parts, vertex) == side;
      setU32(groups, vertex, isHere ? count : NONE);
      if (isHere) setU32(subNames, count++, u32At(names, vertex));
    }
    const half = collapse(arena, level, groups, count);
    if (half == null) unreachable();
    const subFirst = side == 0 ? first : first + k0;
    const subK = side == 0 ? k0 : k1;
    cut += divideInto(arena, half!, subNames, subFirst, subK, partMax, restarts, mix(key ^ (side + 1)), parts);
    arena.bottom = bottom;
    arena.top = top;
  }
  return cut;
}

/** How much larger than its share each half may be, so that all halvings together keep to `partMax`. */
function allowance(weight: f64, k: u32, partMax: u32): f64 {
  const ratio = (<f64>partMax * <f64>k) / weight;
  const depth = <u32>(32 - clz<u32>(k - 1));
  // The root of order `depth`, by halving an interval: no table of logarithms, the same bits everywhere.
  let low: f64 = 1;
  let high: f64 = max(ratio, 1);
  for (let step: u32 = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    let power: f64 = 1;
    for (let i: u32 = 0; i < depth; i++) power *= middle;
    if (power <= ratio) low = middle;
    else high = middle;
  }
  return low;
}

function limit(most: f64, k: u32, partMax: u32, weight: u32): u32 {
  return <u32>min(<f64>weight, min(most + 1e-6, <f64>k * <f64>partMax));
}
