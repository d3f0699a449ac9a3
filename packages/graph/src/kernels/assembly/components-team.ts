import { NONE, u32At } from './array';
import { flatten, flattenRange, joinRange, plantRange } from './components';
import { findRoot, joinRoots } from './disjoint-sets';
import { endOf, memberAt, requireLengths } from './incidence';
import { areNotesMissing, checkPieces, closePiece, pieceCount, startNotes } from './noted-joins';
import { commonVertex, hangRange, joinSample, restRange } from './sampled-links';
import {
  addToSum, awaitChunks, awaitPhase, chunkDone, chunkStart, counter, endTeam, openPhase, phaseArgument, phaseKind, setArguments, takeChunk,
  takeSum,
} from './team';

/** Pieces of about the same number of vertices, or of incidences. */
const CHUNKS: u32 = 64;
/**
 * What a phase does: every vertex alone, or put under another one; some hyperedges joined; the rest joined, by the vertices that
 * are not in the set that most are in, or by hyperedges; every vertex put under its root; joins by hyperedges checked.
 */
const PLANT: u32 = 1;
const HANG: u32 = 2;
const SAMPLE: u32 = 3;
const REST: u32 = 4;
const JOIN: u32 = 5;
const FLATTEN: u32 = 6;
const CHECK: u32 = 7;
/** Vertices that a forest begins with where all hyperedges are joined, how many hyperedges of each, and members of these. */
const SEED_VERTICES: u32 = 64;
const SEED_HYPEREDGES: u32 = 8;
const SEED_MEMBERS: u32 = 8;
/** Incidences per vertex from which on it pays to read some of a vertex's far-off hyperedges in order to pass over the others. */
const DENSE_INCIDENCES: u64 = 12;

/**
 * `connectedComponents` with helpers, all in one forest. While most vertices get their first parent, each is written by one
 * call only. A root is the smallest vertex of its set, so that neither who takes which chunk nor what the samples say makes a
 * difference to the end. `pieces` are for the notes of all, `notes` for one's own.
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
  piecesLength: u32,
  labels: usize,
  pieces: usize,
  team: usize,
  notes: usize,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength) unreachable();
  const hyperedgeCount = edgeOffsetsLength - 1;
  const vertexCount = nodeOffsetsLength - 1;
  const isDense = <u64>edgeMembersLength >= DENSE_INCIDENCES * vertexCount;
  const room = pieceCount(piecesLength);
  startNotes(notes, team, pieces, room);
  let common = NONE;
  let roots: u32 = 0;
  let kind = isDense ? HANG : PLANT;
  while (kind != NONE) {
    setArguments(team, common, room, 0);
    openPhase(team, kind, CHUNKS);
    doChunks(
      edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, vertexCount, nodeMembers, edgeMembersLength, labels, pieces, team,
      notes, true,
    );
    awaitPhase(team, CHUNKS);
    if (kind == PLANT) {
      seedForest(edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, vertexCount, nodeMembers, edgeMembersLength, labels);
    }
    if (kind == SAMPLE) common = commonVertex(edgeMembers, edgeMembersLength, vertexCount, labels);
    const sum = takeSum(team);
    if (kind == FLATTEN) roots = sum;
    if (kind == JOIN && areNotesMissing(team, room)) {
      plantRange(labels, 0, vertexCount);
      joinRange(edgeOffsets, edgeMembers, edgeMembersLength, 0, hyperedgeCount, vertexCount, labels, true, 0);
      roots = flatten(labels, vertexCount);
      break;
    }
    kind = nextPhase(kind, common, counter(team) != 0, sum != 0);
  }
  endTeam(team);
  return roots;
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

/** @returns `NONE` where all is done. */
function nextPhase(kind: u32, common: u32, isNoted: bool, isLost: bool): u32 {
  if (kind == PLANT) return JOIN;
  if (kind == HANG) return SAMPLE;
  if (kind == SAMPLE) return common == NONE ? JOIN : REST;
  if (kind == REST || kind == JOIN) return FLATTEN;
  if (kind == FLATTEN) return isNoted ? CHECK : NONE;
  return isLost ? FLATTEN : NONE;
}

export function connectedComponentsHelp(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  piecesLength: u32,
  labels: usize,
  pieces: usize,
  team: usize,
  notes: usize,
): void {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength) unreachable();
  startNotes(notes, team, pieces, pieceCount(piecesLength));
  while (awaitChunks(team)) {
    doChunks(
      edgeOffsets, edgeOffsetsLength - 1, edgeMembers, nodeOffsets, nodeOffsetsLength - 1, nodeMembers, nodeMembersLength, labels,
      pieces, team, notes, false,
    );
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
  labels: usize,
  pieces: usize,
  team: usize,
  notes: usize,
  isLeader: bool,
): void {
  let isScattered = true;
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const kind = phaseKind(team);
    const common = phaseArgument(team, 0);
    const from = partStart(vertexCount, chunk);
    const to = partStart(vertexCount, chunk + 1);
    if (kind == PLANT) {
      plantRange(labels, from, to);
    } else if (kind == HANG) {
      hangRange(
        edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, vertexCount, nodeMembers, incidenceCount, labels, from, to,
      );
    } else if (kind == SAMPLE) {
      joinSample(
        edgeOffsets, edgeMembers, incidenceCount, vertexCount, labels, partStart(hyperedgeCount, chunk),
        partStart(hyperedgeCount, chunk + 1),
      );
    } else if (kind == REST) {
      restRange(
        edgeOffsets, hyperedgeCount, edgeMembers, nodeOffsets, vertexCount, nodeMembers, incidenceCount, labels, common, from, to,
      );
    } else if (kind == JOIN) {
      const first = chunkStart(edgeOffsets, hyperedgeCount, chunk, CHUNKS);
      const last = chunkStart(edgeOffsets, hyperedgeCount, chunk + 1, CHUNKS);
      isScattered = joinRange(
        edgeOffsets, edgeMembers, incidenceCount, first, last, vertexCount, labels, isScattered, notes,
      );
      closePiece(notes);
    } else if (kind == FLATTEN) {
      addToSum(team, flattenRange(labels, from, to));
    } else {
      const taken = min(counter(team), phaseArgument(team, 1));
      addToSum(team, checkPieces(labels, pieces, partStart(taken, chunk), partStart(taken, chunk + 1)));
    }
    chunkDone(team);
  }
}

// @ts-ignore: decorator
@inline
function partStart(count: u32, chunk: u32): u32 {
  return <u32>((<u64>count * chunk) / CHUNKS);
}
