import { u32Address } from './array';
import { flatten, joinRange, mergeForest, plantForest } from './components';
import { requireLengths } from './incidence';
import { awaitChunks, awaitPhase, chunkDone, chunkStart, endTeam, openPhase, takeChunk } from './team';

/** Pieces of about the same number of incidences. */
const CHUNKS: u32 = 64;
const JOIN: u32 = 1;

/**
 * `connectedComponents` with helpers. Each joins what its hyperedges join in a forest of its own, and the leader merges
 * them: the sets and their smallest members do not depend on who took which hyperedges. `forests` has room for one
 * forest per helper, `ready` one word.
 */
export function connectedComponentsLead(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  helpers: u32,
  _part: u32,
  _forestWords: u32,
  labels: usize,
  forests: usize,
  ready: usize,
  team: usize,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  if (edgeMembersLength != 0 && vertexCount == 0) unreachable();
  plantForest(labels, vertexCount);
  openPhase(team, JOIN, CHUNKS);
  joinChunks(edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, vertexCount, labels, team, true);
  awaitPhase(team, CHUNKS);
  for (let helper: u32 = 0; helper < helpers; helper++) {
    if (atomic.load<u32>(u32Address(ready, helper)) == 0) continue;
    mergeForest(labels, u32Address(forests, helper * vertexCount), vertexCount);
  }
  endTeam(team);
  return flatten(labels, vertexCount);
}

export function connectedComponentsHelp(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  _helpers: u32,
  part: u32,
  _forestWords: u32,
  _labels: usize,
  forests: usize,
  ready: usize,
  team: usize,
): void {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  const forest = u32Address(forests, (part - 1) * vertexCount);
  plantForest(forest, vertexCount);
  atomic.store<u32>(u32Address(ready, part - 1), 1);
  while (awaitChunks(team)) {
    joinChunks(edgeOffsets, edgeOffsetsLength - 1, edgeMembers, edgeMembersLength, vertexCount, forest, team, false);
  }
}

function joinChunks(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  parents: usize,
  team: usize,
  isLeader: bool,
): void {
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const from = chunkStart(edgeOffsets, hyperedgeCount, chunk, CHUNKS);
    const to = chunkStart(edgeOffsets, hyperedgeCount, chunk + 1, CHUNKS);
    joinRange(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents);
    chunkDone(team);
  }
}
