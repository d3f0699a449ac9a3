import { f64At, setF64, setU32, u32At } from './array';
import { aggregate } from './aggregate';
import { expandCliques } from './clique';
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

/**
 * Communities of the clique expansion by Louvain (`refinement` 0) or Leiden (1): vertices move while modularity
 * grows, communities become the vertices of a smaller graph, and again, until nothing moves. `labels[v]` is the
 * smallest vertex of v's community, `modularity[0]` that of the result at this `resolution`. Returns the number of levels.
 * `arcsMax` bounds the pairs in both directions. `rows` holds four arrays of vertices and one more, `vertices` ten arrays
 * of vertices, `numbers` six. Blondel, Guillaume, Lambiotte and Lefebvre, J. Stat. Mech. P10008 (2008); Traag, Waltman and
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
  labels: usize,
  labelsLength: u32,
  modularity: usize,
  modularityLength: u32,
  rowOffsets: usize,
  neighbours: usize,
  weights: usize,
  vertices: usize,
  numbers: usize,
): u32 {
  const count = labelsLength;
  const hyperedgeCount = edgeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, count);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, hyperedgeCount);
  const slots = <usize>count << 2;
  const order = vertices;
  const active = vertices + slots;
  const touched = active + slots;
  const community = touched + slots;
  const refined = community + slots;
  const alone = refined + slots;
  const starts = alone + slots;
  const sorted = starts + slots + 4;
  const sums = numbers;
  const volumes = sums + (slots << 1);
  const refinedVolumes = volumes + (slots << 1);
  const outside = refinedVolumes + (slots << 1);
  let strengths = outside + (slots << 1);
  let nextStrengths = strengths + (slots << 1);
  let offsets = rowOffsets;
  let nextOffsets = offsets + slots + 4;
  let nextNeighbors = neighbours + (<usize>arcsMax << 2);
  let nextWeights = weights + (<usize>arcsMax << 3);

  expandCliques(
    edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, count, u32.MAX_VALUE, weighting, sums, touched, offsets, neighbours,
    weights, arcsMax,
  );
  const total = sumStrengths(count, offsets, weights, strengths);
  for (let vertex: u32 = 0; vertex < count; vertex++) {
    setU32(labels, vertex, vertex);
    setU32(community, vertex, vertex);
  }
  const penalty = total == 0 ? 0 : resolution / total;
  const key = mix(seed);
  let size = count;
  let level: u32 = 0;
  for (let isLast = total == 0; !isLast; ) {
    level++;
    moveLevel(
      size, order, active, offsets, neighbours, weights, community, strengths, volumes, sums, touched, penalty, key + level,
    );
    let parts: u32;
    let map = community;
    if (refinement != 0) {
      refine(
        size, order, offsets, neighbours, weights, strengths, community, volumes, refined, refinedVolumes, outside, alone,
        sums, touched, penalty,
      );
      map = refined;
    }
    parts = renumber(size, map, touched);
    if (parts == size || level == LEVELS_MAX) {
      // Refinement that merges nothing would repeat itself: the moves decide.
      map = community;
      parts = renumber(size, map, touched);
      isLast = true;
    }
    aggregate(
      size, map, parts, offsets, neighbours, weights, strengths, nextOffsets, nextNeighbors, nextWeights, nextStrengths,
      starts, sorted, sums, touched,
    );
    for (let vertex: u32 = 0; vertex < count; vertex++) setU32(labels, vertex, u32At(map, u32At(labels, vertex)));
    // The vertices of the next level start together where refinement only split what had moved together.
    startLevel(size, parts, map, community, sorted);
    size = parts;
    let swap = offsets;
    offsets = nextOffsets;
    nextOffsets = swap;
    swap = neighbours;
    neighbours = nextNeighbors;
    nextNeighbors = swap;
    swap = weights;
    weights = nextWeights;
    nextWeights = swap;
    swap = strengths;
    strengths = nextStrengths;
    nextStrengths = swap;
  }
  if (total > 0) setF64(modularity, 0, partsModularity(size, offsets, weights, strengths, total, resolution));
  if (refinement != 0) {
    splitDisconnected(edgeOffsets, edgeMembers, hyperedgeCount, count, labels, order, touched, active);
    if (countRoots(count, labels) != size) {
      expandCliques(
        edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, count, u32.MAX_VALUE, weighting, sums, touched, offsets,
        neighbours, weights, arcsMax,
      );
      setF64(modularity, 0, cliqueModularity(count, offsets, neighbours, weights, labels, volumes, resolution));
    }
  }
  canonise(count, labels, touched);
  return level;
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
