import { clearU32, f64At, setF64, setU32, u32At } from './array';
import { countNeighbors, expandCliques } from './clique';
import { requireIncidence } from './incidence';

/** Number of different other vertices that share a hyperedge with each vertex. */
export function cliqueDegrees(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  degrees: usize,
  degreesLength: u32,
  stamps: usize,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, degreesLength);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, edgeOffsetsLength - 1);
  countNeighbors(edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, degreesLength, stamps, degrees);
}

/**
 * The clique expansion as rows of neighbours, rising, with the weights of the pairs. `arcs` is the sum of
 * `cliqueDegrees`. The rows of `expandCliques` are transposed, which leaves a symmetric matrix as it is but sorts it.
 */
export function cliqueExpansion(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  weighting: u32,
  arcs: u32,
  offsets: usize,
  offsetsLength: u32,
  neighbours: usize,
  neighboursLength: u32,
  weights: usize,
  weightsLength: u32,
  sums: usize,
  touched: usize,
  unsorted: usize,
  unsortedWeights: usize,
): void {
  const vertexCount = nodeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, edgeOffsetsLength - 1);
  expandCliques(
    edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, vertexCount, u32.MAX_VALUE, weighting, sums, touched, offsets,
    unsorted, unsortedWeights, arcs,
  );
  if (u32At(offsets, vertexCount) != arcs) unreachable();
  clearU32(touched, vertexCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const end = u32At(offsets, vertex + 1);
    for (let arc = u32At(offsets, vertex); arc < end; arc++) {
      const other = u32At(unsorted, arc);
      const filled = u32At(touched, other);
      const place = u32At(offsets, other) + filled;
      if (place >= u32At(offsets, other + 1)) unreachable();
      setU32(touched, other, filled + 1);
      setU32(neighbours, place, vertex);
      setF64(weights, place, f64At(unsortedWeights, arc));
    }
  }
}
