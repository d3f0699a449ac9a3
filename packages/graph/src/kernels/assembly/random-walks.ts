import { setU32, u32At } from './array';
import { endOf, memberAt, requireLengths } from './incidence';
import { drawBelow, streamKey } from './random';

/** Walks per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_WALKS: u32 = 1024;

/**
 * Random walks: from a vertex to one of its hyperedges, uniformly, then to one of that hyperedge's members, uniformly and
 * the vertex itself included, `length` times: the walk of `pagerank`. Walk w starts from vertex w % vertexCount and has
 * its vertices at `walks[w * (length + 1)]` and after; a vertex without hyperedges is not left. Every walk draws from a
 * stream of its own. Zhou, Huang and Schölkopf, "Learning with hypergraphs" (NIPS 2006), unit weights.
 */
export function randomWalks(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  length: u32,
  walkCount: u32,
  seed: u32,
  placeCount: u32,
  walks: usize,
  walksLength: u32,
): void {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (<u64>walkCount * (<u64>length + 1) != <u64>placeCount) unreachable();
  if (walkCount != 0 && nodeOffsetsLength == 1) unreachable();
  for (let from: u32 = 0; from < walkCount; from += BLOCK_WALKS) {
    walkFrom(
      edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, nodeOffsets, nodeOffsetsLength - 1, nodeMembers,
      nodeMembersLength, length, seed, from, min(from + BLOCK_WALKS, walkCount), walks,
    );
  }
}

export function walkFrom(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  vertexCount: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  length: u32,
  seed: u32,
  from: u32,
  to: u32,
  walks: usize,
): void {
  for (let walk = from; walk < to; walk++) {
    const key = streamKey(seed, walk);
    let at = walk * (length + 1);
    let vertex = walk % vertexCount;
    setU32(walks, at++, vertex);
    for (let step: u64 = 0; step < length; step++) {
      const first = u32At(nodeOffsets, vertex);
      const degree = endOf(nodeOffsets, vertex, first, nodeMembersLength) - first;
      if (degree > 0) {
        const hyperedge = memberAt(nodeMembers, first + drawBelow(key, 2 * step, degree), hyperedgeCount);
        const start = u32At(edgeOffsets, hyperedge);
        const size = endOf(edgeOffsets, hyperedge, start, edgeMembersLength) - start;
        if (size == 0) unreachable();
        vertex = memberAt(edgeMembers, start + drawBelow(key, 2 * step + 1, size), vertexCount);
      }
      setU32(walks, at++, vertex);
    }
  }
}
