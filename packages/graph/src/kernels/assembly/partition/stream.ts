import { NONE, clearU32, f64At, setF64, setU32, u32At } from '../array';
import { mix } from '../hash';
import { requireIncidence } from '../incidence';
import { below } from '../shuffle';

/**
 * Divides vertices into `k` parts in one pass, by index. `method` 0 takes a hash of the vertex and `seed`. Method 1 puts each
 * vertex into the part, of those with fewer than `partMax` vertices, of greatest
 *
 *   hyperedges of v that last received a vertex of the part  -  alpha * 1.5 * sqrt(vertices of the part)
 *
 * with alpha = sqrt(k) * E / V^1.5; of equally good parts the smaller one, then the first. It keeps one part per hyperedge
 * and one size per part. Eyubov, Fonseca Faraj and Schulz, "FREIGHT: fast streaming hypergraph partitioning" (SEA 2023).
 */
export function streamPartition(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  method: u32,
  k: u32,
  partMax: u32,
  seed: u32,
  parts: usize,
  partsLength: u32,
  lastParts: usize,
  sizes: usize,
  scores: usize,
): void {
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, partsLength);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  if (k == 0 || <u64>k * <u64>partMax < <u64>partsLength) unreachable();
  if (method == 0) {
    for (let vertex: u32 = 0; vertex < partsLength; vertex++) setU32(parts, vertex, below(mix(vertex ^ mix(seed)), k));
    return;
  }
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) setU32(lastParts, hyperedge, NONE);
  clearU32(sizes, k);
  for (let part: u32 = 0; part < k; part++) setF64(scores, part, 0);
  const count = <f64>partsLength;
  const alpha = (1.5 * sqrt(<f64>k) * <f64>hyperedgeCount) / (count * sqrt(count));
  for (let vertex: u32 = 0; vertex < partsLength; vertex++) {
    const part = placeVertex(vertex, k, partMax, alpha, nodeOffsets, nodeMembers, lastParts, sizes, scores);
    setU32(parts, vertex, part);
  }
}

/** Chooses the part of a vertex. `scores` is zero before and after. */
export function placeVertex(
  vertex: u32,
  k: u32,
  partMax: u32,
  alpha: f64,
  nodeOffsets: usize,
  nodeMembers: usize,
  lastParts: usize,
  sizes: usize,
  scores: usize,
): u32 {
  const first = u32At(nodeOffsets, vertex);
  const last = u32At(nodeOffsets, vertex + 1);
  for (let i = first; i < last; i++) {
    const part = u32At(lastParts, u32At(nodeMembers, i));
    if (part != NONE) setF64(scores, part, f64At(scores, part) + 1);
  }
  let best: u32 = NONE;
  let most: f64 = 0;
  for (let part: u32 = 0; part < k; part++) {
    const size = u32At(sizes, part);
    const score = f64At(scores, part) - alpha * sqrt(<f64>size);
    setF64(scores, part, 0);
    if (size >= partMax) continue;
    if (best != NONE && (score < most || (score == most && size >= u32At(sizes, best)))) continue;
    best = part;
    most = score;
  }
  setU32(sizes, best, u32At(sizes, best) + 1);
  for (let i = first; i < last; i++) setU32(lastParts, u32At(nodeMembers, i), best);
  return best;
}
