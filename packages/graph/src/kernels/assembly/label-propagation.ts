import { f64At, setF64, setU32, u32At } from './array';
import { PAIR_SHARE } from './clique';
import { expandPairs } from './clique-pairs';
import { mix } from './hash';
import { requireIncidence } from './incidence';
import { canonise } from './labels';
import { countTops, moveByTops } from './large-hyperedges';
import { moveAll } from './local-moving';
import { strictModularity } from './modularity';
import { shuffle } from './shuffle';

/** Hyperedges up to this size are expanded into pairs; of larger ones only the most frequent labels count. */
const PAIRS_SIZE_MAX: u32 = 32;

/**
 * Communities by label propagation with a penalty on large labels (definition: docs/graph.md). Every vertex starts with
 * a label of its own; in each iteration the vertices, in one order that `seed` gives (0: their own), take the label of greatest score.
 * Only vertices near a change look again; when none of them moves all look once more, in the same iteration, and it ends
 * when none moves, or after `iterationsMax`. `labels[v]` is the smallest vertex of v's community, `changed[0]` the number of vertices that the
 * last iteration changed, `modularity[0]` the strict modularity. Returns the number of iterations.
 *
 * Hyperedges of up to 32 members are merged into pairs, at most `arcsMax` of them in both directions (`pairsMax` as in
 * `expandPairs`); larger ones, which
 * have `largeMembers` places or more when there are any, keep label counts: an iteration is linear in the incidences.
 * Raghavan, Albert and Kumara, Phys. Rev. E 76 (2007); penalty of Barber and Clark, Phys. Rev. E 80 (2009).
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
  resolution: f64,
  seed: u32,
  iterationsMax: u32,
  arcsMax: u32,
  pairsMax: u32,
  largeMembers: u32,
  labels: usize,
  labelsLength: u32,
  changed: usize,
  changedLength: u32,
  modularity: usize,
  modularityLength: u32,
  order: usize,
  active: usize,
  sums: usize,
  touched: usize,
  strengths: usize,
  volumes: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  topLabels: usize,
  topCounts: usize,
  sizeCounts: usize,
  pairs: usize,
): u32 {
  const vertexCount = labelsLength;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  const large = hasLarge(edgeOffsets, hyperedgeCount);
  if (large && largeMembers < edgeMembersLength) unreachable();
  expandPairs(
    edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, nodeMembers, vertexCount, PAIRS_SIZE_MAX, PAIR_SHARE, sums,
    touched, offsets, neighbours, weights, arcsMax, pairs, pairsMax,
  );
  const total = start(
    edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, vertexCount, labels, active, strengths, volumes,
  );
  const key = mix(seed);
  orderBy(vertexCount, seed, key, order);
  const penalty = total == 0 ? 0 : resolution / total;
  let iteration: u32 = 0;
  let isWhole = true;
  while (iteration < iterationsMax) {
    iteration++;
    let moved: u32;
    if (large) {
      countTops(edgeOffsets, edgeMembers, hyperedgeCount, PAIRS_SIZE_MAX, labels, touched, sums, topLabels, topCounts);
      moved = moveByTops(
        edgeOffsets, nodeOffsets, nodeMembers, PAIRS_SIZE_MAX, vertexCount, order, offsets, neighbours, weights, labels,
        strengths, volumes, sums, touched, topLabels, topCounts, penalty, key,
      );
    } else {
      moved = moveAll(
        vertexCount, order, active, offsets, neighbours, weights, labels, strengths, volumes, sums, touched, penalty, key,
      );
      if (moved == 0 && !isWhole) {
        // Labels grew or shrank elsewhere, which changes scores without a change nearby.
        for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(active, vertex, 1);
        moved = moveAll(
          vertexCount, order, active, offsets, neighbours, weights, labels, strengths, volumes, sums, touched, penalty, key,
        );
      }
      isWhole = false;
    }
    setU32(changed, 0, moved);
    if (moved == 0) break;
  }
  canonise(vertexCount, labels, touched);
  const value = strictModularity(
    edgeOffsets, edgeMembers, hyperedgeCount, nodeOffsets, vertexCount, labels, sizeCounts, touched,
  );
  setF64(modularity, 0, value);
  return iteration;
}

/** The order that `seed` gives: that of the vertices themselves for 0, a shuffled one otherwise. */
function orderBy(vertexCount: u32, seed: u32, key: u32, order: usize): void {
  if (seed != 0) shuffle(vertexCount, key, order);
  else for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(order, vertex, vertex);
}

function hasLarge(edgeOffsets: usize, hyperedgeCount: u32): bool {
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    if (u32At(edgeOffsets, hyperedge + 1) - u32At(edgeOffsets, hyperedge) > PAIRS_SIZE_MAX) return true;
  }
  return false;
}

/** Own labels; the strength of a vertex is its number of incidences with hyperedges of at least two members. */
function start(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  nodeOffsets: usize,
  vertexCount: u32,
  labels: usize,
  active: usize,
  strengths: usize,
  volumes: usize,
): f64 {
  let total: u32 = u32At(edgeOffsets, hyperedgeCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    setU32(labels, vertex, vertex);
    setU32(active, vertex, 1);
    setF64(strengths, vertex, <f64>(u32At(nodeOffsets, vertex + 1) - u32At(nodeOffsets, vertex)));
  }
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const first = u32At(edgeOffsets, hyperedge);
    if (u32At(edgeOffsets, hyperedge + 1) - first != 1) continue;
    const member = u32At(edgeMembers, first);
    setF64(strengths, member, f64At(strengths, member) - 1);
    total--;
  }
  memory.copy(volumes, strengths, <usize>vertexCount << 3);
  return <f64>total;
}
