import { f64At, setF64, u32At } from './array';
import { requireIncidence } from './incidence';
import { BLOCK_HYPEREDGES, countDegrees, spreadRanks } from './pagerank';

/**
 * Personalised PageRank under the walk of `pagerank`: with probability 1 - `damping`, and always from a vertex without
 * hyperedges, the walker jumps to a vertex drawn by `restart` (sum 1) instead of to any. Otherwise as `pagerank`; sums run
 * over hyperedges in order. Starts from `restart`.
 * Haveliwala, "Topic-sensitive PageRank" (WWW 2002).
 */
export function restartPagerank(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  restart: usize,
  restartLength: u32,
  damping: f64,
  tolerance: f64,
  iterationsMax: u32,
  ranks: usize,
  ranksLength: u32,
  change: usize,
  changeLength: u32,
  weights: usize,
  sums: usize,
  degrees: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (restartLength != vertexCount) unreachable();
  if (vertexCount == 0) return 0;
  const hyperedgeCount = edgeOffsetsLength - 1;
  countDegrees(edgeMembers, edgeMembersLength, degrees);
  memory.copy(ranks, restart, <usize>vertexCount << 3);
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    const dangling = weigh(vertexCount, ranks, weights, degrees);
    for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
      spreadRanks(edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, hyperedgeCount), weights, sums);
    }
    const jump = 1.0 - damping + damping * dangling;
    let total: f64 = 0;
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
      const rank = jump * f64At(restart, vertex) + damping * f64At(sums, vertex);
      total += Math.abs(rank - f64At(ranks, vertex));
      setF64(ranks, vertex, rank);
      setF64(sums, vertex, 0);
    }
    setF64(change, 0, total);
    if (total < tolerance) return iteration;
  }
  return iterationsMax;
}

/** What each vertex gives to each of its hyperedges. Returns the rank held by vertices without any. */
function weigh(vertexCount: u32, ranks: usize, weights: usize, degrees: usize): f64 {
  let dangling: f64 = 0;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const degree = u32At(degrees, vertex);
    if (degree == 0) dangling += f64At(ranks, vertex);
    else setF64(weights, vertex, f64At(ranks, vertex) / <f64>degree);
  }
  return dangling;
}
