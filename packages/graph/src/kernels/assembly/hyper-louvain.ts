import { clearU32, f64At, setF64, setU32, u32At } from './array';
import { LINEAR, expectedWeights, weightOf } from './expected-weight';
import { mix } from './hash';
import { groupMembers } from './hyper-level';
import { moveAllHyperNodes } from './hyper-moving';
import { requireIncidence } from './incidence';
import { canonise, renumber } from './labels';
import { mostOfOneLabel, requireLabels } from './partition-quality';
import { shuffle } from './shuffle';

/** Most passes of moves on one level and most levels in one round: reached only if rounding defeats convergence. */
const PASSES_MAX: u32 = 1000;
const LEVELS_MAX: u32 = 64;
/** Most rounds, and the gain of modularity below which none follows. */
const ROUNDS_MAX: u32 = 16;
const ROUND_GAIN_MIN: f64 = 1e-6;
/** A move must gain this much of what all hyperedges count, so that rounding cannot make nodes move for ever. */
const GAIN_MIN: f64 = 1e-12;

/**
 * Communities of great hypergraph modularity (`kind` 0 strict, 1 majority, 2 linear; definition: docs/graph.md), found on
 * the hyperedges themselves: from the labels `start`, vertices move while modularity grows, then communities as a whole,
 * then all over again from there while that gains. `labels[v]` is the smallest vertex of v's community, `modularity[0]`
 * that of the result at this `resolution`. Returns the number of rounds. Louvain moves of Blondel and others (J. Stat. Mech.
 * P10008, 2008) for the objective of Kaminski, Poulin, Pralat, Szufel and Theberge (PLoS ONE 14, 2019), which for strict is
 * the all-or-nothing likelihood of Chodrow, Veldt and Benson (Science Advances 7, 2021, equation 12) with all weights 1.
 *
 * `levelOffsets` has room for two offsets of hyperedges, `levelMembers` for eight numbers per incidence, `nodeWords` for eleven
 * numbers per vertex, `reals` for four, `sizeWords` for two per incidence.
 */
export function hyperLouvain(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  start: usize,
  startLength: u32,
  kind: u32,
  resolution: f64,
  seed: u32,
  labels: usize,
  labelsLength: u32,
  modularity: usize,
  modularityLength: u32,
  levelOffsets: usize,
  levelMembers: usize,
  nodeWords: usize,
  reals: usize,
  sizeWords: usize,
): u32 {
  const vertexCount = startLength;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireLabels(start, startLength, vertexCount);
  if (kind > LINEAR || labelsLength != vertexCount) unreachable();
  const slots = <usize>vertexCount << 2;
  const wholeOffsets = nodeWords + slots * 8 + 4;
  const partOffsets = wholeOffsets + slots + 4;
  const marks = partOffsets + slots + 4;
  const lists = <usize>edgeMembersLength << 2;
  const partEdgeOffsets = levelOffsets + (<usize>edgeOffsetsLength << 2);
  const partMembers = levelMembers + (lists << 2);
  const sizes = sizeWords + lists + 4;
  const sizeCount = countSizes(edgeOffsets, hyperedgeCount, edgeMembersLength, sizeWords, sizes);
  const counted = sumOf(sizeWords, sizeCount);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    setU32(labels, vertex, u32At(start, vertex));
    setU32(nodeWords, vertex, vertex);
  }
  clearU32(marks, vertexCount);
  groupMembers(
    edgeOffsets, edgeMembers, hyperedgeCount, nodeWords, vertexCount, levelOffsets, levelMembers, levelMembers + lists,
    wholeOffsets, levelMembers + lists * 2, levelMembers + lists * 3, marks,
  );
  const gainMin = GAIN_MIN * <f64>counted;
  let key = mix(seed);
  let rounds: u32 = 0;
  let best: f64 = -Infinity;
  while (rounds < ROUNDS_MAX && counted > 0) {
    rounds++;
    begin(vertexCount, kind, labels, wholeOffsets, levelMembers + lists * 3, sizes, sizeWords, sizeCount, nodeWords, reals);
    let moved = moveLevel(
      vertexCount, kind, resolution, gainMin, ++key, edgeOffsets, levelOffsets, levelMembers, levelMembers + lists,
      wholeOffsets, levelMembers + lists * 2, levelMembers + lists * 3, sizes, sizeWords, sizeCount, nodeWords, reals,
    );
    memory.copy(labels, nodeWords + slots * 2, slots);
    for (let level: u32 = 0; level < LEVELS_MAX; level++) {
      const parts = renumber(vertexCount, labels, nodeWords);
      groupMembers(
        edgeOffsets, edgeMembers, hyperedgeCount, labels, parts, partEdgeOffsets, partMembers, partMembers + lists,
        partOffsets, partMembers + lists * 2, partMembers + lists * 3, marks,
      );
      begin(parts, kind, 0, partOffsets, partMembers + lists * 3, sizes, sizeWords, sizeCount, nodeWords, reals);
      moved = moveLevel(
        parts, kind, resolution, gainMin, ++key, edgeOffsets, partEdgeOffsets, partMembers, partMembers + lists, partOffsets,
        partMembers + lists * 2, partMembers + lists * 3, sizes, sizeWords, sizeCount, nodeWords, reals,
      );
      if (moved == 0) break;
      const map = nodeWords + (<usize>parts << 3);
      for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setU32(labels, vertex, u32At(map, u32At(labels, vertex)));
    }
    const value = valueOf(
      edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, kind, resolution, labels, sizes, sizeWords, sizeCount, reals,
    );
    setF64(modularity, 0, value);
    if (value < best + ROUND_GAIN_MIN) break;
    best = value;
  }
  canonise(vertexCount, labels, nodeWords);
  return rounds;
}

/** Lists the different sizes from 2 on in `sizes` and how many hyperedges have each in `numbers`. Returns how many. */
function countSizes(edgeOffsets: usize, hyperedgeCount: u32, largest: u32, numbers: usize, sizes: usize): u32 {
  clearU32(numbers, largest + 1);
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const size = u32At(edgeOffsets, hyperedge + 1) - u32At(edgeOffsets, hyperedge);
    setU32(numbers, size, u32At(numbers, size) + 1);
  }
  let count: u32 = 0;
  for (let size: u32 = 2; size <= largest; size++) {
    const number = u32At(numbers, size);
    if (number == 0) continue;
    setU32(sizes, count, size);
    setU32(numbers, count++, number);
  }
  return count;
}

function sumOf(values: usize, count: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i++) sum += u32At(values, i);
  return sum;
}

/** Prepares the nodes of a level for moves: `labels` of 0 stands for a label of their own for all. */
function begin(
  count: u32,
  kind: u32,
  labels: usize,
  nodeOffsets: usize,
  nodeCounts: usize,
  sizes: usize,
  numbers: usize,
  sizeCount: u32,
  words: usize,
  reals: usize,
): void {
  const slots = <usize>count << 2;
  const active = words + slots;
  const own = active + slots;
  const population = own + slots;
  const byLabel = reals + (slots << 1);
  const expected = byLabel + (slots << 1);
  const gains = expected + (slots << 1);
  const free = population + slots * 4;
  let volume: f64 = 0;
  for (let i: u32 = 0; i < sizeCount; i++) volume += <f64>u32At(numbers, i) * <f64>u32At(sizes, i);
  clearU32(population, count * 2);
  for (let node: u32 = 0; node < count; node++) {
    setU32(active, node, 1);
    setU32(own, node, labels == 0 ? node : u32At(labels, node));
    let members: u32 = 0;
    const end = u32At(nodeOffsets, node + 1);
    for (let i = u32At(nodeOffsets, node); i < end; i++) members += u32At(nodeCounts, i);
    setF64(reals, node, <f64>members / volume);
    setF64(byLabel, node, 0);
    setF64(gains, node, 0);
  }
  for (let node: u32 = 0; node < count; node++) {
    const label = u32At(own, node);
    setU32(population, label, u32At(population, label) + 1);
    setF64(byLabel, label, f64At(byLabel, label) + f64At(reals, node));
  }
  let unused: u32 = 0;
  for (let node: u32 = 0; node < count; node++) {
    if (u32At(population, node) == 0) setU32(free, unused++, node);
    setF64(expected, node, expectedWeights(kind, sizes, numbers, sizeCount, f64At(byLabel, node)));
  }
  setU32(free, count, unused);
}

/** Moves the nodes of one level until none moves. Returns how many moves there were. */
function moveLevel(
  count: u32,
  kind: u32,
  resolution: f64,
  gainMin: f64,
  key: u32,
  memberOffsets: usize,
  edgeOffsets: usize,
  edgeNodes: usize,
  edgeCounts: usize,
  nodeOffsets: usize,
  nodeEdges: usize,
  nodeCounts: usize,
  sizes: usize,
  numbers: usize,
  sizeCount: u32,
  words: usize,
  reals: usize,
): u32 {
  shuffle(count, key, words);
  let all: u32 = 0;
  let isWhole = true;
  for (let pass: u32 = 0; pass < PASSES_MAX; pass++) {
    const moved = moveAllHyperNodes(
      count, kind, resolution, gainMin, key, memberOffsets, edgeOffsets, edgeNodes, edgeCounts, nodeOffsets, nodeEdges,
      nodeCounts, sizes, numbers, sizeCount, words, reals,
    );
    all += moved;
    if (moved == 0 && isWhole) break;
    // Communities grew or shrank elsewhere, which changes gains without a change nearby: all look once more.
    isWhole = moved == 0;
    if (!isWhole) continue;
    for (let node: u32 = 0; node < count; node++) setU32(words + (<usize>count << 2), node, 1);
  }
  return all;
}

function valueOf(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  kind: u32,
  resolution: f64,
  labels: usize,
  sizes: usize,
  numbers: usize,
  sizeCount: u32,
  reals: usize,
): f64 {
  const volumes = reals;
  const counts = reals + (<usize>vertexCount << 3);
  for (let label: u32 = 0; label < vertexCount; label++) {
    setF64(volumes, label, 0);
    setF64(counts, label, 0);
  }
  let all: f64 = 0;
  let volume: f64 = 0;
  let counted: u32 = 0;
  for (let hyperedge: u32 = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const end = u32At(edgeOffsets, hyperedge + 1);
    const size = end - u32At(edgeOffsets, hyperedge);
    if (size < 2) continue;
    counted++;
    volume += <f64>size;
    all += weightOf(kind, size, mostOfOneLabel(edgeOffsets, edgeMembers, hyperedge, labels, counts));
    for (let i = u32At(edgeOffsets, hyperedge); i < end; i++) {
      const label = u32At(labels, u32At(edgeMembers, i));
      setF64(volumes, label, f64At(volumes, label) + 1);
    }
  }
  let expected: f64 = 0;
  for (let label: u32 = 0; label < vertexCount; label++) {
    expected += expectedWeights(kind, sizes, numbers, sizeCount, f64At(volumes, label) / volume);
  }
  return (all - resolution * expected) / <f64>counted;
}
