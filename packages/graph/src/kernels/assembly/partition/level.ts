import { clearU32, setU32, u32At } from '../array';
import { Arena, take } from './arena';

/**
 * A hypergraph with weights, at one level of coarsening. `map` says which vertex of the next coarser level each vertex
 * became, `parts` on which side it is. Hyperedges have two members or more.
 */
// @ts-ignore: decorator
@unmanaged
export class Level {
  vertexCount: u32 = 0;
  edgeCount: u32 = 0;
  pinCount: u32 = 0;
  weight: u32 = 0;
  edgeOffsets: usize = 0;
  pins: usize = 0;
  edgeWeights: usize = 0;
  nodeOffsets: usize = 0;
  edges: usize = 0;
  nodeWeights: usize = 0;
  map: usize = 0;
  parts: usize = 0;
  /** The next finer level; null at the finest. */
  finer: usize = 0;
}

const LEVEL_WORDS: u32 = 16;

/** Words that a level takes. */
export function levelWords(vertexCount: u32, edgeCount: u32, pinCount: u32): u64 {
  return 4 * <u64>vertexCount + 2 * <u64>edgeCount + 2 * <u64>pinCount + <u64>LEVEL_WORDS + 2;
}

/** Room for a level; its arrays are not filled. */
export function newLevel(arena: Arena, vertexCount: u32, edgeCount: u32, pinCount: u32): Level {
  const level = changetype<Level>(take(arena, LEVEL_WORDS));
  level.vertexCount = vertexCount;
  level.edgeCount = edgeCount;
  level.pinCount = pinCount;
  level.weight = 0;
  level.finer = 0;
  level.edgeOffsets = take(arena, edgeCount + 1);
  level.pins = take(arena, pinCount);
  level.edgeWeights = take(arena, edgeCount);
  level.nodeOffsets = take(arena, vertexCount + 1);
  level.edges = take(arena, pinCount);
  level.nodeWeights = take(arena, vertexCount);
  level.map = take(arena, vertexCount);
  level.parts = take(arena, vertexCount);
  return level;
}

/** Fills `nodeOffsets` and `edges` from the other side, and sums up the weight. */
export function finishLevel(level: Level): void {
  const offsets = level.nodeOffsets;
  const count = level.vertexCount;
  clearU32(offsets, count + 1);
  for (let pin: u32 = 0; pin < level.pinCount; pin++) {
    const vertex = u32At(level.pins, pin);
    setU32(offsets, vertex, u32At(offsets, vertex) + 1);
  }
  let sum: u32 = 0;
  for (let vertex: u32 = 0; vertex < count; vertex++) {
    sum += u32At(offsets, vertex);
    setU32(offsets, vertex, sum);
  }
  setU32(offsets, count, sum);
  // Backwards, so that every offset ends where its list begins and lists rise.
  for (let edge = level.edgeCount; edge-- > 0; ) {
    const first = u32At(level.edgeOffsets, edge);
    for (let pin = u32At(level.edgeOffsets, edge + 1); pin-- > first; ) {
      const vertex = u32At(level.pins, pin);
      const place = u32At(offsets, vertex) - 1;
      setU32(offsets, vertex, place);
      setU32(level.edges, place, edge);
    }
  }
  let weight: u32 = 0;
  for (let vertex: u32 = 0; vertex < count; vertex++) weight += u32At(level.nodeWeights, vertex);
  level.weight = weight;
}
