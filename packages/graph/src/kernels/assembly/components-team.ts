import { flattenRange, joinRange, plantRange } from './components';
import { requireLengths } from './incidence';
import {
  addToSum, awaitChunks, awaitPhase, chunkDone, chunkStart, endTeam, openPhase, phaseKind, takeChunk, takeSum,
} from './team';

/** Pieces of about the same number of incidences, or of vertices. */
const CHUNKS: u32 = 64;
/** What a phase does: every vertex for itself, hyperedges joined, every vertex under its root. */
const PLANT: u32 = 1;
const JOIN: u32 = 2;
const FLATTEN: u32 = 3;

/**
 * `connectedComponents` with helpers, who join in the same forest: a root is the smallest vertex of its set, so that
 * neither who joins first nor who takes which hyperedges makes a difference to the end.
 */
export function connectedComponentsLead(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  labels: usize,
  team: usize,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  if (edgeMembersLength != 0 && vertexCount == 0) unreachable();
  for (let kind = PLANT; kind <= FLATTEN; kind++) {
    let chunks = CHUNKS;
    if (kind == JOIN) {
      // One piece by one thread first: then most vertices meet the root that they will keep, wherever they are joined.
      chunks--;
      joinChunk(edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, vertexCount, labels, chunks);
    }
    openPhase(team, kind, chunks);
    doChunks(edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, vertexCount, labels, team, true);
    awaitPhase(team, chunks);
  }
  endTeam(team);
  return takeSum(team);
}

export function connectedComponentsHelp(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  labels: usize,
  team: usize,
): void {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  while (awaitChunks(team)) {
    doChunks(edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, vertexCount, labels, team, false);
  }
}

function doChunks(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  labels: usize,
  team: usize,
  isLeader: bool,
): void {
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const kind = phaseKind(team);
    if (kind == JOIN) {
      joinChunk(edgeOffsets, hyperedgeCount, edgeMembers, edgeMembersLength, vertexCount, labels, chunk);
    } else {
      const from = vertexStart(vertexCount, chunk);
      const to = vertexStart(vertexCount, chunk + 1);
      if (kind == PLANT) plantRange(labels, from, to);
      else addToSum(team, flattenRange(labels, from, to));
    }
    chunkDone(team);
  }
}

function joinChunk(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  labels: usize,
  chunk: u32,
): void {
  const from = chunkStart(edgeOffsets, hyperedgeCount, chunk, CHUNKS);
  const to = chunkStart(edgeOffsets, hyperedgeCount, chunk + 1, CHUNKS);
  joinRange(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, labels, true);
}

// @ts-ignore: decorator
@inline
function vertexStart(vertexCount: u32, chunk: u32): u32 {
  return <u32>((<u64>vertexCount * chunk) / CHUNKS);
}
