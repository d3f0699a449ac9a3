import { setU32, u32Address, u32At } from './array';
import { flattenRange, joinRange, plantRange } from './components';
import { findRoot, findShared, joinRoots, joinShared } from './disjoint-sets';
import { endOf, memberAt, requireLengths } from './incidence';
import {
  addToSum, awaitChunks, awaitPhase, chunkDone, chunkStart, endTeam, openPhase, phaseKind, takeChunk, takeSum,
} from './team';

/** Pieces of about the same number of incidences, or of vertices. */
const CHUNKS: u32 = 64;
/** What a phase does: hyperedges joined in a forest of one's own, all forests made one, every vertex put under its root. */
const JOIN: u32 = 1;
const MERGE: u32 = 2;
const FLATTEN: u32 = 3;
/** Vertices that a forest begins with, and how many hyperedges of each, and members of these. */
const SEED_VERTICES: u32 = 64;
const SEED_HYPEREDGES: u32 = 8;
const SEED_MEMBERS: u32 = 8;

/**
 * `connectedComponents` with helpers. Each joins in a forest of its own, for a line of memory that two threads write costs
 * each of them more than a join; then all forests become one. With no `forests` all join in one: for those that are larger
 * than a near cache lines are far away in either case, and every vertex gets its root once only. A root is the smallest
 * vertex of its set, so that neither who takes which hyperedges nor who joins first makes a difference to the end. `forests`
 * has, for each helper, a word per vertex and one that is 1 once they are planted.
 */
export function connectedComponentsLead(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  forestsLength: u32,
  labels: usize,
  forests: usize,
  team: usize,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength) unreachable();
  const vertexCount = nodeOffsetsLength - 1;
  if (<u64>forestsLength % (<u64>vertexCount + 1) != 0) unreachable();
  plantRange(labels, 0, vertexCount);
  seedForest(edgeOffsets, edgeOffsetsLength - 1, edgeMembers, nodeOffsets, vertexCount, nodeMembers, nodeMembersLength, labels);
  for (let kind = JOIN; kind <= FLATTEN; kind++) {
    if (kind == MERGE && forestsLength == 0) continue;
    openPhase(team, kind, CHUNKS);
    doChunks(
      edgeOffsets, edgeOffsetsLength - 1, edgeMembers, nodeOffsets, vertexCount, nodeMembers, nodeMembersLength,
      forestsLength, labels, forests, labels, team, true,
    );
    awaitPhase(team, CHUNKS);
  }
  endTeam(team);
  return takeSum(team);
}

/** @param part From 1; each helper has a forest of its own. */
export function connectedComponentsHelp(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  forestsLength: u32,
  part: u32,
  labels: usize,
  forests: usize,
  team: usize,
): void {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength) unreachable();
  const vertexCount = nodeOffsetsLength - 1;
  const isShared = forestsLength == 0;
  if (!isShared && (part == 0 || <u64>part * (<u64>vertexCount + 1) > forestsLength)) unreachable();
  const own = isShared ? labels : u32Address(forests, (part - 1) * (vertexCount + 1));
  while (awaitChunks(team)) {
    doChunks(
      edgeOffsets, edgeOffsetsLength - 1, edgeMembers, nodeOffsets, vertexCount, nodeMembers, nodeMembersLength,
      forestsLength, labels, forests, own, team, false,
    );
  }
}

/**
 * Joins members of some hyperedges of the smallest vertices. One of these is the root of the largest set in the end: each
 * time the set gets another, all its vertices have to be put under that.
 */
function seedForest(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  nodeOffsets: usize,
  vertexCount: u32,
  nodeMembers: usize,
  incidenceCount: u32,
  parents: usize,
): void {
  const stop = min(vertexCount, SEED_VERTICES);
  for (let vertex: u32 = 0; vertex < stop; vertex++) {
    const start = u32At(nodeOffsets, vertex);
    const end = min(endOf(nodeOffsets, vertex, start, incidenceCount), start + SEED_HYPEREDGES);
    for (let i = start; i < end; i++) {
      const hyperedge = memberAt(nodeMembers, i, hyperedgeCount);
      const first = u32At(edgeOffsets, hyperedge);
      const last = min(endOf(edgeOffsets, hyperedge, first, incidenceCount), first + SEED_MEMBERS);
      let root = findRoot(parents, vertex);
      for (let j = first; j < last; j++) {
        const other = findRoot(parents, memberAt(edgeMembers, j, vertexCount));
        if (other != root) root = joinRoots(parents, root, other);
      }
    }
  }
}

function doChunks(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  nodeOffsets: usize,
  vertexCount: u32,
  nodeMembers: usize,
  incidenceCount: u32,
  forestsLength: u32,
  labels: usize,
  forests: usize,
  own: usize,
  team: usize,
  isLeader: bool,
): void {
  let isScattered = true;
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const kind = phaseKind(team);
    if (kind == JOIN) {
      // Not before a chunk is taken: nobody merges the forest while it is planted.
      if (!isLeader && forestsLength != 0 && u32At(own, vertexCount) == 0) {
        plantRange(own, 0, vertexCount);
        seedForest(edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, vertexCount, nodeMembers, incidenceCount, own);
        setU32(own, vertexCount, 1);
      }
      const first = chunkStart(edgeOffsets, hyperedgeCount, chunk, CHUNKS);
      const last = chunkStart(edgeOffsets, hyperedgeCount, chunk + 1, CHUNKS);
      isScattered = joinRange(
        edgeOffsets, edgeMembers, incidenceCount, first, last, vertexCount, own, isScattered, forestsLength == 0,
      );
    } else {
      const from = vertexStart(vertexCount, chunk);
      const to = vertexStart(vertexCount, chunk + 1);
      if (kind == MERGE) mergeForests(labels, forests, forestsLength, vertexCount, from, to);
      else addToSum(team, flattenRange(labels, from, to));
    }
    chunkDone(team);
  }
}

function mergeForests(
  labels: usize,
  forests: usize,
  forestsLength: u32,
  vertexCount: u32,
  from: u32,
  to: u32,
): void {
  for (let first: u32 = 0; first < forestsLength; first += vertexCount + 1) {
    const forest = u32Address(forests, first);
    if (u32At(forest, vertexCount) != 0) mergeRange(labels, forest, from, to);
  }
}

/** Joins the vertices from `from` to `to` in `parents` with their roots in `forest`, beside other threads. */
export function mergeRange(parents: usize, forest: usize, from: u32, to: u32): void {
  // Most hang below the root of the largest set in both forests: what was joined last need not be joined again.
  let lastHere: u32 = 0;
  let lastThere: u32 = 0;
  for (let vertex = from; vertex < to; vertex++) {
    if (u32At(forest, vertex) == vertex) continue;
    const there = findShared(forest, vertex);
    const here = findShared(parents, vertex);
    if (here == lastHere && there == lastThere) continue;
    lastHere = here;
    lastThere = there;
    const other = findShared(parents, there);
    if (here != other) joinShared(parents, here, other);
  }
}

// @ts-ignore: decorator
@inline
function vertexStart(vertexCount: u32, chunk: u32): u32 {
  return <u32>((<u64>vertexCount * chunk) / CHUNKS);
}
