import { NONE, f64At, setF64, setU32, u32At } from './array';
import { mix } from './hash';
import { requireIncidence } from './incidence';
import { strictModularity } from './modularity';

/** Vertices per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_VERTICES: u32 = 1024;

/**
 * Communities by label propagation. Every vertex starts with a label of its own. In each iteration all vertices, in one
 * order shuffled by `seed`, take the label of greatest weight around them: every other member u of a hyperedge e of v
 * adds 1 / (size(e) - 1) to the label of u. Of labels of equal weight the own one stays, else the one of greatest
 * `mix(label ^ mix(seed))` wins. It ends when no vertex changes, or after `iterationsMax`.
 *
 * `labels[v]` is the smallest vertex of v's community, `changed[0]` the number of vertices that the last iteration
 * changed, `modularity[0]` the strict modularity. Returns the number of iterations. The time of one grows with the sum
 * of squared sizes. Weights are added over rising hyperedges, members as listed, so results are the same everywhere.
 * Raghavan, Albert and Kumara, "Near linear time algorithm to detect community structures in large-scale networks",
 * Phys. Rev. E 76 (2007), on the clique expansion with weights 1 / (size - 1).
 */
export function labelPropagation(
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
  order: usize,
  weights: usize,
  touched: usize,
  sizeCounts: usize,
): u32 {
  const vertexCount = labelsLength;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  const key = mix(seed);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(labels, vertex, vertex);
  shuffle(vertexCount, key, order);
  let iteration: u32 = 0;
  while (iteration < iterationsMax) {
    iteration++;
    let moved: u32 = 0;
    for (let from: u32 = 0; from < vertexCount; from += BLOCK_VERTICES) {
      const to = min(from + BLOCK_VERTICES, vertexCount);
      moved += relabel(
        edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, from, to, order, labels, weights, touched, key,
      );
    }
    setU32(changed, 0, moved);
    if (moved == 0) break;
  }
  canonise(vertexCount, labels, touched);
  const value = strictModularity(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, labels, sizeCounts, touched);
  setF64(modularity, 0, value);
  return iteration;
}

/** A permutation of all vertices (Fisher and Yates), from hashes of `key` plus a counter. */
function shuffle(count: u32, key: u32, order: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const j = <u32>((<u64>mix(key + i) * <u64>(i + 1)) >> 32);
    setU32(order, i, u32At(order, j));
    setU32(order, j, i);
  }
}

/** Relabels the vertices at `from` to `to` of the order. Returns how many changed. `weights` are zero before and after. */
export function relabel(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  from: u32,
  to: u32,
  order: usize,
  labels: usize,
  weights: usize,
  touched: usize,
  key: u32,
): u32 {
  let changes: u32 = 0;
  for (let turn = from; turn < to; turn++) {
    const vertex = u32At(order, turn);
    const end = u32At(nodeOffsets, vertex + 1);
    let touches: u32 = 0;
    for (let i = u32At(nodeOffsets, vertex); i < end; i++) {
      const hyperedge = u32At(nodeMembers, i);
      const first = u32At(edgeOffsets, hyperedge);
      const last = u32At(edgeOffsets, hyperedge + 1);
      if (last - first < 2) continue;
      const share = 1.0 / <f64>(last - first - 1);
      for (let j = first; j < last; j++) {
        const member = u32At(edgeMembers, j);
        if (member == vertex) continue;
        const label = u32At(labels, member);
        const weight = f64At(weights, label);
        if (weight == 0) setU32(touched, touches++, label);
        setF64(weights, label, weight + share);
      }
    }
    const own = u32At(labels, vertex);
    let best = own;
    let most = f64At(weights, own);
    for (let i: u32 = 0; i < touches; i++) {
      const label = u32At(touched, i);
      const weight = f64At(weights, label);
      setF64(weights, label, 0);
      if (weight < most) continue;
      if (weight == most && (best == own || mix(label ^ key) < mix(best ^ key))) continue;
      best = label;
      most = weight;
    }
    if (best == own) continue;
    setU32(labels, vertex, best);
    changes++;
  }
  return changes;
}

/** Renames every label to the smallest vertex that has it. */
function canonise(vertexCount: u32, labels: usize, names: usize): void {
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(names, vertex, NONE);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const label = u32At(labels, vertex);
    if (u32At(names, label) == NONE) setU32(names, label, vertex);
    setU32(labels, vertex, u32At(names, label));
  }
}
