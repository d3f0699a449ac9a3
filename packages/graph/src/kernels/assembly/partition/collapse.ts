import { NONE, clearU32, setU32, u32At } from '../array';
import { mix } from '../hash';
import { Arena, borrow, hasRoom } from './arena';
import { finishLevel, Level, levelWords, newLevel } from './level';

/**
 * The hypergraph whose vertices are groups of vertices of `level`: `groups[v]` is below `groupCount`, or NONE for a vertex
 * that is left out. Hyperedges that keep fewer than two members are left out; those with equal members become one with the
 * sum of their weights. Returns null when the arena has no room for it.
 */
export function collapse(arena: Arena, level: Level, groups: usize, groupCount: u32): Level | null {
  const temporary = 3 * <u64>level.edgeCount + <u64>level.pinCount + <u64>groupCount + 2 + tableSlots(level.edgeCount);
  if (!hasRoom(arena, temporary)) return null;
  const top = arena.top;
  const offsets = borrow(arena, level.edgeCount + 1);
  const weights = borrow(arena, level.edgeCount);
  const hashes = borrow(arena, level.edgeCount);
  const pins = borrow(arena, level.pinCount);
  const stamps = borrow(arena, groupCount);
  const slots = <u32>tableSlots(level.edgeCount);
  const table = borrow(arena, slots);
  clearU32(stamps, groupCount);
  clearU32(table, slots);
  setU32(offsets, 0, 0);
  let edgeCount: u32 = 0;
  for (let edge: u32 = 0; edge < level.edgeCount; edge++) {
    edgeCount = collapseEdge(
      level, edge, groups, edge + 1, edgeCount, offsets, weights, hashes, pins, stamps, table, slots - 1,
    );
  }
  const pinCount = u32At(offsets, edgeCount);
  if (!hasRoom(arena, levelWords(groupCount, edgeCount, pinCount))) {
    arena.top = top;
    return null;
  }
  const coarse = newLevel(arena, groupCount, edgeCount, pinCount);
  memory.copy(coarse.edgeOffsets, offsets, <usize>(edgeCount + 1) << 2);
  memory.copy(coarse.edgeWeights, weights, <usize>edgeCount << 2);
  memory.copy(coarse.pins, pins, <usize>pinCount << 2);
  clearU32(coarse.nodeWeights, groupCount);
  for (let vertex: u32 = 0; vertex < level.vertexCount; vertex++) {
    const group = u32At(groups, vertex);
    if (group == NONE) continue;
    setU32(coarse.nodeWeights, group, u32At(coarse.nodeWeights, group) + u32At(level.nodeWeights, vertex));
    setU32(coarse.parts, group, u32At(level.parts, vertex));
  }
  finishLevel(coarse);
  arena.top = top;
  return coarse;
}

function tableSlots(edgeCount: u32): u64 {
  return <u64>1 << <u64>(32 - clz<u32>(2 * edgeCount + 1));
}

/** Appends one hyperedge, or adds its weight to an equal one. Returns how many there are now. */
function collapseEdge(
  level: Level,
  edge: u32,
  groups: usize,
  mark: u32,
  edgeCount: u32,
  offsets: usize,
  weights: usize,
  hashes: usize,
  pins: usize,
  stamps: usize,
  table: usize,
  mask: u32,
): u32 {
  const first = u32At(offsets, edgeCount);
  let last = first;
  let sum: u32 = 0;
  const end = u32At(level.edgeOffsets, edge + 1);
  for (let pin = u32At(level.edgeOffsets, edge); pin < end; pin++) {
    const group = u32At(groups, u32At(level.pins, pin));
    if (group == NONE || u32At(stamps, group) == mark) continue;
    setU32(stamps, group, mark);
    setU32(pins, last++, group);
    sum += mix(group);
  }
  const size = last - first;
  if (size < 2) return edgeCount;
  const weight = u32At(level.edgeWeights, edge);
  const hash = mix(sum ^ size);
  let slot = hash & mask;
  for (let entry = u32At(table, slot); entry != 0; entry = u32At(table, slot)) {
    const other = entry - 1;
    if (u32At(hashes, other) == hash && isStamped(offsets, pins, other, size, stamps, mark)) {
      setU32(weights, other, u32At(weights, other) + weight);
      return edgeCount;
    }
    slot = (slot + 1) & mask;
  }
  setU32(table, slot, edgeCount + 1);
  setU32(hashes, edgeCount, hash);
  setU32(weights, edgeCount, weight);
  setU32(offsets, edgeCount + 1, last);
  return edgeCount + 1;
}

function isStamped(offsets: usize, pins: usize, edge: u32, size: u32, stamps: usize, mark: u32): bool {
  const first = u32At(offsets, edge);
  const last = u32At(offsets, edge + 1);
  if (last - first != size) return false;
  for (let pin = first; pin < last; pin++) if (u32At(stamps, u32At(pins, pin)) != mark) return false;
  return true;
}
