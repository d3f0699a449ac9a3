import { f64At, setF64, u32Address, u32At } from './array';
import { degrees as listLengths } from './degrees';
import { requireIncidence } from './incidence';
import { RANK_BLOCKS, collectRanks, danglingRank, spreadPart, startUniform, totalChange } from './pagerank';
import { awaitChunks, awaitPhase, chunkDone, chunkStart, endTeam, openPhase, phaseKind, takeChunk } from './team';

/** Pieces of about the same number of incidences. */
const CHUNKS: u32 = 64;
/** Blocks of vertices that one chunk ranks. */
const CHUNK_BLOCKS: u32 = 8;
/** What a phase computes: shares of hyperedges, sums of vertices, sums of parts, ranks of blocks of vertices. */
const SHARES: u32 = 1;
const SUMS: u32 = 2;
const PARTS: u32 = 3;
const RANKS: u32 = 4;

/**
 * `pagerank` with helpers, bit for bit. Where hyperedges are in several parts, each is summed by one call; where they are
 * in one, vertices pull the shares of their hyperedges in rising order, in which `pagerank` adds them. `base[0]` is what a vertex gets in any case, `base[1]` the damping.
 */
export function pagerankLead(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  sumCount: u32,
  damping: f64,
  tolerance: f64,
  iterationsMax: u32,
  ranks: usize,
  change: usize,
  weights: usize,
  sums: usize,
  shares: usize,
  degrees: usize,
  partials: usize,
  base: usize,
  team: usize,
): u32 {
  const edgeCount = edgeOffsetsLength - 1;
  const vertexCount = nodeOffsetsLength - 1;
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, edgeCount);
  if (vertexCount == 0) {
    endTeam(team);
    return 0;
  }
  const parts = sumCount / vertexCount;
  if (parts == 0 || sumCount % vertexCount != 0) unreachable();
  listLengths(nodeOffsets, nodeOffsetsLength, degrees, vertexCount);
  startUniform(vertexCount, ranks, weights, degrees, partials);
  setF64(base, 1, damping);
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    setF64(base, 0, (1.0 - damping + damping * danglingRank(partials)) / <f64>vertexCount);
    for (let kind = parts > 1 ? PARTS : SHARES; kind <= RANKS; kind++) {
      if (kind == PARTS && parts == 1) continue;
      const chunks = kind == RANKS ? RANK_BLOCKS / CHUNK_BLOCKS : kind == PARTS ? parts : CHUNKS;
      openPhase(team, kind, chunks);
      rankChunks(
        edgeOffsets, edgeCount, edgeMembers, nodeOffsets, vertexCount, nodeMembers, parts, ranks, weights, sums, shares,
        degrees, partials, base, team, true,
      );
      awaitPhase(team, chunks);
    }
    setF64(change, 0, totalChange(partials));
    if (f64At(change, 0) >= tolerance) continue;
    endTeam(team);
    return iteration;
  }
  endTeam(team);
  return iterationsMax;
}

/** Helps once the leader has checked the arrays: it opens no phase before. */
export function pagerankHelp(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  sumCount: u32,
  ranks: usize,
  weights: usize,
  sums: usize,
  shares: usize,
  degrees: usize,
  partials: usize,
  base: usize,
  team: usize,
): void {
  if (edgeMembersLength != nodeMembersLength) unreachable();
  const vertexCount = nodeOffsetsLength - 1;
  if (vertexCount == 0) return;
  while (awaitChunks(team)) {
    rankChunks(
      edgeOffsets, edgeOffsetsLength - 1, edgeMembers, nodeOffsets, vertexCount, nodeMembers, sumCount / vertexCount,
      ranks, weights, sums, shares, degrees, partials, base, team, false,
    );
  }
}

function rankChunks(
  edgeOffsets: usize,
  edgeCount: u32,
  edgeMembers: usize,
  nodeOffsets: usize,
  vertexCount: u32,
  nodeMembers: usize,
  parts: u32,
  ranks: usize,
  weights: usize,
  sums: usize,
  shares: usize,
  degrees: usize,
  partials: usize,
  base: usize,
  team: usize,
  isLeader: bool,
): void {
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const kind = phaseKind(team);
    if (kind == RANKS) {
      const first = chunk * CHUNK_BLOCKS;
      for (let block = first; block < first + CHUNK_BLOCKS; block++) {
        collectRanks(
          vertexCount, parts, block, f64At(base, 0), f64At(base, 1), ranks, weights, sums, degrees, partials,
        );
      }
    } else if (kind == PARTS) {
      spreadPart(edgeOffsets, edgeCount, edgeMembers, chunk, parts, vertexCount, weights, sums);
    } else if (kind == SHARES) {
      const to = chunkStart(edgeOffsets, edgeCount, chunk + 1, CHUNKS);
      shareRanks(edgeOffsets, edgeMembers, chunkStart(edgeOffsets, edgeCount, chunk, CHUNKS), to, weights, shares);
    } else {
      const to = chunkStart(nodeOffsets, vertexCount, chunk + 1, CHUNKS);
      pullShares(nodeOffsets, nodeMembers, chunkStart(nodeOffsets, vertexCount, chunk, CHUNKS), to, shares, sums);
    }
    chunkDone(team);
  }
}

/** What each hyperedge gives to every one of its members. Small sizes are unrolled, as in `spreadRanks`. */
export function shareRanks(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  weights: usize,
  shares: usize,
): void {
  let at = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    const size = <u32>(end - at) >> 2;
    if (size == 0) continue;
    let sum = f64At(weights, load<u32>(at));
    if (size == 2) {
      sum += f64At(weights, load<u32>(at, 4));
    } else if (size == 3) {
      sum = sum + f64At(weights, load<u32>(at, 4)) + f64At(weights, load<u32>(at, 8));
    } else if (size == 4) {
      sum = sum + f64At(weights, load<u32>(at, 4)) + f64At(weights, load<u32>(at, 8)) + f64At(weights, load<u32>(at, 12));
    } else {
      for (let p = at + 4; p < end; p += 4) sum += f64At(weights, load<u32>(p));
    }
    setF64(shares, hyperedge, sum / <f64>size);
    at = end;
  }
}

/** What each vertex gets from its hyperedges. */
export function pullShares(
  nodeOffsets: usize,
  nodeMembers: usize,
  from: u32,
  to: u32,
  shares: usize,
  sums: usize,
): void {
  let at = u32Address(nodeMembers, u32At(nodeOffsets, from));
  for (let vertex = from; vertex < to; vertex++) {
    const end = u32Address(nodeMembers, u32At(nodeOffsets, vertex + 1));
    let sum: f64 = 0;
    for (; at < end; at += 4) sum += f64At(shares, load<u32>(at));
    setF64(sums, vertex, sum);
  }
}
