import { f64At, setF64, setU32, u32At } from './array';
import { mix } from './hash';
import { requireIncidence } from './incidence';
import { canonise } from './labels';
import { countTops, TOPS } from './large-hyperedges';
import { chooseLabel } from './local-moving';
import { strictModularity } from './modularity';

/** Vertices per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_VERTICES: u32 = 512;

/**
 * Communities by label propagation that moves vertices at the same time (definition: docs/graph.md). In each iteration every
 * hyperedge counts the labels of its members, and the 8 most frequent are known to its members; then every vertex looks for a label
 * of greater score than its own, and half of those that find one, chosen by hash of `seed`, vertex and iteration, take it.
 * Ends when none finds one, or after `iterationsMax`. `labels[v]` is the smallest vertex of v's community, `changed[0]` how many
 * vertices the last iteration would have moved, `modularity[0]` the strict modularity. Returns the number of iterations.
 * Raghavan, Albert and Kumara, Phys. Rev. E 76 (2007), with moves at the same time as in section III.
 */
export function parallelLabels(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  seed: u32,
  iterationsMax: u32,
  labels: usize,
  labelsLength: u32,
  changed: usize,
  changedLength: u32,
  modularity: usize,
  modularityLength: u32,
  sums: usize,
  touched: usize,
  strengths: usize,
  volumes: usize,
  topLabels: usize,
  topCounts: usize,
  sizeCounts: usize,
): u32 {
  const vertexCount = labelsLength;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    setU32(labels, vertex, vertex);
    setF64(strengths, vertex, <f64>(u32At(nodeOffsets, vertex + 1) - u32At(nodeOffsets, vertex)));
  }
  const key = mix(seed);
  let iteration: u32 = 0;
  while (iteration < iterationsMax) {
    iteration++;
    countTops(edgeOffsets, edgeMembers, hyperedgeCount, 1, labels, touched, sums, topLabels, topCounts);
    const turn = mix(key + iteration);
    let found: u32 = 0;
    for (let from: u32 = 0; from < vertexCount; from += BLOCK_VERTICES) {
      found += moveHalf(
        from, min(from + BLOCK_VERTICES, vertexCount), edgeOffsets, nodeOffsets, nodeMembers, labels, strengths,
        volumes, sums, touched, topLabels, topCounts, key, turn,
      );
    }
    setU32(changed, 0, found);
    if (found == 0) break;
  }
  canonise(vertexCount, labels, touched);
  const value = strictModularity(
    edgeOffsets, edgeMembers, hyperedgeCount, nodeOffsets, vertexCount, labels, sizeCounts, touched,
  );
  setF64(modularity, 0, value);
  return iteration;
}

/** Returns how many vertices found a better label. Nothing here depends on what the others chose. */
export function moveHalf(
  from: u32,
  to: u32,
  edgeOffsets: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  labels: usize,
  strengths: usize,
  volumes: usize,
  sums: usize,
  touched: usize,
  topLabels: usize,
  topCounts: usize,
  key: u32,
  turn: u32,
): u32 {
  let found: u32 = 0;
  for (let vertex = from; vertex < to; vertex++) {
    const own = u32At(labels, vertex);
    let touches: u32 = 0;
    const end = u32At(nodeOffsets, vertex + 1);
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      const first = u32At(edgeOffsets, hyperedge);
      const size = u32At(edgeOffsets, hyperedge + 1) - first;
      if (size < 2) continue;
      const last = first + min(size, TOPS);
      for (let place = first; place < last; place++) {
        const count = u32At(topCounts, place);
        if (count == 0) break;
        const label = u32At(topLabels, place);
        // The vertex itself is one of its label: it gives no weight to itself.
        const others = count - <u32>(label == own);
        if (others == 0) continue;
        const sum = f64At(sums, label);
        if (sum == 0) setU32(touched, touches++, label);
        setF64(sums, label, sum + <f64>others / <f64>(size - 1));
      }
    }
    if (!chooseLabel(vertex, touches, labels, strengths, volumes, sums, touched, 0, key)) continue;
    found++;
    if ((mix(vertex ^ turn) & 1) == 0) setU32(labels, vertex, own);
  }
  return found;
}
