import { f64At, setF64, setU32, u32At } from './array';
import { aggregate } from './aggregate';
import { expandPairs } from './clique-pairs';
import { mix } from './hash';
import { requireIncidence } from './incidence';
import { canonise, renumber, splitDisconnected } from './labels';
import { moveAll } from './local-moving';
import { cliqueModularity } from './modularity';
import { refine } from './refine';
import { shuffle } from './shuffle';

/** Most passes of moves on one level, and most levels: reached only if rounding defeats convergence. */
const PASSES_MAX: u32 = 1000;
const LEVELS_MAX: u32 = 64;
/** Most times that all starts again from what was found, and the gain of modularity below which it does not. */
const ROUNDS_MAX: u32 = 16;
const ROUND_GAIN_MIN: f64 = 1e-4;

/**
 * Communities of the clique expansion by Louvain (`refinement` 0) or Leiden (1): vertices move while modularity
 * grows, communities become the vertices of a smaller graph, and again, until nothing moves; then all over again from there while
 * that gains. `labels[v]` is the
 * smallest vertex of v's community, `modularity[0]` that of the result at this `resolution`. Returns the number of levels.
 * `arcsMax` bounds the pairs in both directions, `pairsMax` is as in `expandPairs`. `rowOffsets`, `neighbours` and `weights` have room for three
 * graphs, `vertices` for eight numbers per vertex and `numbers` for seven. Blondel, Guillaume, Lambiotte and Lefebvre, J. Stat. Mech. P10008 (2008); Traag, Waltman and
 * van Eck, Sci. Rep. 9 (2019).
 */
export function louvain(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  weighting: u32,
  resolution: f64,
  seed: u32,
  refinement: u32,
  arcsMax: u32,
  pairsMax: u32,
  labels: usize,
  labelsLength: u32,
  modularity: usize,
  modularityLength: u32,
  rowOffsets: usize,
  neighbours: usize,
  weights: usize,
  vertices: usize,
  numbers: usize,
  pairs: usize,
): u32 {
  const count = labelsLength;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, count);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  const slots = <usize>count << 2;
  const sums = numbers;
  const touched = vertices + 2 * slots;
  expandPairs(
    edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, nodeMembers, count, u32.MAX_VALUE, weighting, sums, touched,
    rowOffsets, neighbours, weights, arcsMax, pairs, pairsMax,
  );
  const level = joinRows(
    count, resolution, seed, refinement, arcsMax, labels, modularity, rowOffsets, neighbours, weights, vertices, numbers,
  );
  if (refinement != 0) {
    const size = count == 0 ? 0 : largestOf(count, labels) + 1;
    splitDisconnected(edgeOffsets, edgeMembers, hyperedgeCount, count, labels, vertices, touched, vertices + slots);
    if (countRoots(count, labels) != size) {
      const volumes = sums + (slots << 1);
      setF64(modularity, 0, cliqueModularity(count, rowOffsets, neighbours, weights, labels, volumes, resolution));
    }
  }
  canonise(count, labels, touched);
  return level;
}

/**
 * The levels of `louvain` on a graph given as symmetric rows of weights above 0, without loops, which are the first third of
 * `rowOffsets`, `neighbours` and `weights`. `labels` are numbers from 0.
 */
export function joinRows(
  count: u32,
  resolution: f64,
  seed: u32,
  refinement: u32,
  arcsMax: u32,
  labels: usize,
  modularity: usize,
  rowOffsets: usize,
  neighbours: usize,
  weights: usize,
  vertices: usize,
  numbers: usize,
): u32 {
  const slots = <usize>count << 2;
  const order = vertices;
  const active = vertices + slots;
  const touched = active + slots;
  const community = touched + slots + 4;
  const refined = community + slots;
  const alone = refined + slots;
  const starts = alone + slots;
  const sorted = starts + slots + 4;
  const sums = numbers;
  const volumes = sums + (slots << 1);
  const refinedVolumes = volumes + (slots << 1);
  const outside = refinedVolumes + (slots << 1);
  const wholeStrengths = outside + (slots << 1);

  const total = sumStrengths(count, rowOffsets, weights, wholeStrengths);
  for (let vertex: u32 = 0; vertex < count; vertex++) setU32(labels, vertex, vertex);
  const penalty = total == 0 ? 0 : resolution / total;
  const key = mix(seed);
  let size = count;
  let level: u32 = 0;
  let best: f64 = -Infinity;
  for (let round: u32 = 0; round < ROUNDS_MAX && total > 0; round++) {
    // The rows of the whole stay where they are; those of smaller graphs take turns behind them.
    let offsets = rowOffsets;
    let rows = neighbours;
    let rowWeights = weights;
    let strengths = wholeStrengths;
    let turn: usize = 1;
    memory.copy(community, labels, slots);
    for (let vertex: u32 = 0; vertex < count; vertex++) setU32(labels, vertex, vertex);
    size = count;
    for (let isLast = false; !isLast; ) {
      level++;
      moveLevel(
        size, order, active, offsets, rows, rowWeights, community, strengths, volumes, sums, touched, penalty, key + level,
      );
      let map = community;
      if (refinement != 0) {
        refine(
          size, order, offsets, rows, rowWeights, strengths, community, volumes, refined, refinedVolumes, outside, alone,
          sums, touched, penalty,
        );
        map = refined;
      }
      let parts = renumber(size, map, touched);
      if (parts == size || level % LEVELS_MAX == 0) {
        // Refinement that merges nothing would repeat itself: the moves decide.
        map = community;
        parts = renumber(size, map, touched);
        isLast = true;
      }
      const nextOffsets = rowOffsets + turn * (slots + 4);
      const nextRows = neighbours + ((turn * <usize>arcsMax) << 2);
      const nextWeights = weights + ((turn * <usize>arcsMax) << 3);
      const nextStrengths = wholeStrengths + turn * (slots << 1);
      aggregate(
        size, map, parts, offsets, rows, rowWeights, strengths, nextOffsets, nextRows, nextWeights, nextStrengths, starts,
        sorted, sums, touched,
      );
      for (let vertex: u32 = 0; vertex < count; vertex++) setU32(labels, vertex, u32At(map, u32At(labels, vertex)));
      // The vertices of the next level start together where refinement only split what had moved together.
      startLevel(size, parts, map, community, sorted);
      size = parts;
      offsets = nextOffsets;
      rows = nextRows;
      rowWeights = nextWeights;
      strengths = nextStrengths;
      turn = 3 - turn;
    }
    const value = partsModularity(size, offsets, rowWeights, strengths, total, resolution);
    setF64(modularity, 0, value);
    if (value < best + ROUND_GAIN_MIN) break;
    best = value;
  }
  return level;
}

function largestOf(count: u32, labels: usize): u32 {
  let largest: u32 = 0;
  for (let vertex: u32 = 0; vertex < count; vertex++) largest = max(largest, u32At(labels, vertex));
  return largest;
}

function countRoots(count: u32, labels: usize): u32 {
  let roots: u32 = 0;
  for (let vertex: u32 = 0; vertex < count; vertex++) roots += <u32>(u32At(labels, vertex) == vertex);
  return roots;
}

function sumStrengths(count: u32, offsets: usize, weights: usize, strengths: usize): f64 {
  let total: f64 = 0;
  for (let vertex: u32 = 0; vertex < count; vertex++) {
    let strength: f64 = 0;
    const end = u32At(offsets, vertex + 1);
    for (let arc = u32At(offsets, vertex); arc < end; arc++) strength += f64At(weights, arc);
    setF64(strengths, vertex, strength);
    total += strength;
  }
  return total;
}

/** Moves the vertices of one level, from the communities they start in, until none moves. */
function moveLevel(
  size: u32,
  order: usize,
  active: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  community: usize,
  strengths: usize,
  volumes: usize,
  sums: usize,
  touched: usize,
  penalty: f64,
  key: u32,
): void {
  shuffle(size, key, order);
  for (let vertex: u32 = 0; vertex < size; vertex++) {
    setU32(active, vertex, 1);
    setF64(volumes, vertex, 0);
  }
  for (let vertex: u32 = 0; vertex < size; vertex++) {
    const label = u32At(community, vertex);
    setF64(volumes, label, f64At(volumes, label) + f64At(strengths, vertex));
  }
  for (let pass: u32 = 0; pass < PASSES_MAX; pass++) {
    const moved = moveAll(
      size, order, active, offsets, neighbours, weights, community, strengths, volumes, sums, touched, penalty, key,
    );
    if (moved == 0) break;
  }
}

/** Communities of the next level: those of the old one when they were refined, otherwise one per vertex. */
function startLevel(size: u32, parts: u32, map: usize, community: usize, names: usize): void {
  if (map == community) {
    for (let part: u32 = 0; part < parts; part++) setU32(community, part, part);
    return;
  }
  // Labels of communities are old vertices; they are renamed to numbers below `parts`, of which there are enough.
  renumber(size, community, names);
  for (let vertex: u32 = 0; vertex < size; vertex++) setU32(names, u32At(map, vertex), u32At(community, vertex));
  for (let part: u32 = 0; part < parts; part++) setU32(community, part, u32At(names, part));
}

/** Modularity where every vertex of the level is a community of its own. */
function partsModularity(
  size: u32,
  offsets: usize,
  weights: usize,
  strengths: usize,
  total: f64,
  resolution: f64,
): f64 {
  let value: f64 = 0;
  for (let part: u32 = 0; part < size; part++) {
    const strength = f64At(strengths, part);
    let outside: f64 = 0;
    const end = u32At(offsets, part + 1);
    for (let arc = u32At(offsets, part); arc < end; arc++) outside += f64At(weights, arc);
    const share = strength / total;
    value += (strength - outside) / total - resolution * share * share;
  }
  return value;
}
