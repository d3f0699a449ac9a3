import { f64At, setF64, setU32, u32Address, u32At } from './array';
import { requireIncidence } from './incidence';
import { chunkStart } from './team';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
export const BLOCK_HYPEREDGES: u32 = 8192;
/** Sums over all vertices are sums of this many blocks, so that several threads come to the same bits. */
export const RANK_BLOCKS: u32 = 256;

/**
 * PageRank of vertices under the edge-then-vertex walk. A walker at vertex v picks one of v's hyperedges uniformly,
 * then one of its members uniformly (v included). With probability 1 - `damping` it jumps to a uniform vertex
 * instead; from a vertex without hyperedges it always jumps uniformly. Ranks sum to 1.
 *
 *   rank(u) = (1 - d) / V + d * ( sum over hyperedges e of u: share(e)  +  dangling / V )
 *   share(e) = ( sum over members v of e: rank(v) / degree(v) ) / size(e)
 *
 * Iterates from the uniform vector until the L1 change is below `tolerance` or `iterationsMax` is reached; returns
 * the number of iterations, `change[0]` is the last L1 change. Every sum runs in one fixed order (members as
 * listed, hyperedges and vertices ascending; over all vertices by 256 blocks of equal length; over the hyperedges of a
 * vertex by `sumCount / vertexCount` parts with about as many incidences), so results are the same bits everywhere.
 * Page, Brin, Motwani and Winograd (1999); the walk is that of Zhou, Huang and Schölkopf, "Learning with
 * hypergraphs" (NIPS 2006), with unit weights.
 */
export function pagerank(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  sumCount: u32,
  damping: f64,
  tolerance: f64,
  iterationsMax: u32,
  ranks: usize,
  ranksLength: u32,
  change: usize,
  changeLength: u32,
  weights: usize,
  sums: usize,
  degrees: usize,
  partials: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (vertexCount == 0) return 0;
  const hyperedgeCount = edgeOffsetsLength - 1;
  const parts = sumCount / vertexCount;
  if (parts == 0 || sumCount % vertexCount != 0) unreachable();
  countDegrees(edgeMembers, edgeMembersLength, degrees);
  startUniform(vertexCount, ranks, weights, degrees, partials);
  for (let iteration: u32 = 1; iteration <= iterationsMax; iteration++) {
    for (let part: u32 = 0; part < parts; part++) {
      spreadPart(edgeOffsets, hyperedgeCount, edgeMembers, part, parts, vertexCount, weights, sums);
    }
    const base = (1.0 - damping + damping * danglingRank(partials)) / <f64>vertexCount;
    for (let block: u32 = 0; block < RANK_BLOCKS; block++) {
      collectRanks(vertexCount, parts, block, base, damping, ranks, weights, sums, degrees, partials);
    }
    setF64(change, 0, totalChange(partials));
    if (f64At(change, 0) < tolerance) return iteration;
  }
  return iterationsMax;
}

export function countDegrees(edgeMembers: usize, edgeMembersLength: u32, degrees: usize): void {
  for (let i: u32 = 0; i < edgeMembersLength; i++) {
    const member = u32At(edgeMembers, i);
    setU32(degrees, member, u32At(degrees, member) + 1);
  }
}

/** Every vertex gets the same rank. `partials` gets the rank held by vertices without hyperedges. */
export function startUniform(vertexCount: u32, ranks: usize, weights: usize, degrees: usize, partials: usize): void {
  const rank = 1.0 / <f64>vertexCount;
  for (let block: u32 = 0; block < RANK_BLOCKS; block++) {
    const to = blockStart(vertexCount, block + 1);
    let dangling: f64 = 0;
    for (let vertex = blockStart(vertexCount, block); vertex < to; vertex++) {
      setF64(ranks, vertex, rank);
      const degree = u32At(degrees, vertex);
      if (degree == 0) dangling += rank;
      else setF64(weights, vertex, rank / <f64>degree);
    }
    setF64(partials, RANK_BLOCKS + block, dangling);
  }
}

/** Where a block of vertices begins: the blocks depend on nothing but the number of vertices. */
// @ts-ignore: decorator
@inline
function blockStart(vertexCount: u32, block: u32): u32 {
  const size = vertexCount / RANK_BLOCKS + <u32>(vertexCount % RANK_BLOCKS != 0);
  return min(vertexCount, size * block);
}

/** The L1 change, added up over the blocks in order. */
export function totalChange(partials: usize): f64 {
  let total: f64 = 0;
  for (let block: u32 = 0; block < RANK_BLOCKS; block++) total += f64At(partials, block);
  return total;
}

/** The rank held by vertices without hyperedges, added up over the blocks in order. */
export function danglingRank(partials: usize): f64 {
  let total: f64 = 0;
  for (let block: u32 = 0; block < RANK_BLOCKS; block++) total += f64At(partials, RANK_BLOCKS + block);
  return total;
}

/** Adds up the shares of one part of the hyperedges, in sums of its own. Parts have about as many incidences each. */
export function spreadPart(
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  part: u32,
  parts: u32,
  vertexCount: u32,
  weights: usize,
  sums: usize,
): void {
  const to = chunkStart(edgeOffsets, hyperedgeCount, part + 1, parts);
  const own = sums + ((<usize>part * vertexCount) << 3);
  memory.fill(own, 0, <usize>vertexCount << 3);
  for (let from = chunkStart(edgeOffsets, hyperedgeCount, part, parts); from < to; from += BLOCK_HYPEREDGES) {
    spreadRanks(edgeOffsets, edgeMembers, from, min(from + BLOCK_HYPEREDGES, to), weights, own);
  }
}

/**
 * Adds each hyperedge's share to the sums of its members. The order of additions is that of a pull over ascending
 * hyperedges, so a parallel pull gives the same bits. Small sizes are unrolled: most hyperedges are small, and their
 * loops would mostly cost mispredicted branches.
 */
export function spreadRanks(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  weights: usize,
  sums: usize,
): void {
  let at = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    const size = <u32>(end - at) >> 2;
    if (size == 0) continue;
    if (size == 3) spreadOver(3, at, weights, sums);
    else if (size == 2) spreadOver(2, at, weights, sums);
    else if (size == 4) spreadOver(4, at, weights, sums);
    else if (size == 1) spreadOver(1, at, weights, sums);
    else if (size == 5) spreadOver(5, at, weights, sums);
    else if (size == 6) spreadOver(6, at, weights, sums);
    else {
      let sum = f64At(weights, load<u32>(at));
      for (let p = at + 4; p < end; p += 4) sum += f64At(weights, load<u32>(p));
      const share = sum / <f64>size;
      for (let p = at; p < end; p += 4) add(sums, load<u32>(p), share);
    }
    at = end;
  }
}

/** Gives the members of a hyperedge of `size`, from 1 to 6, their shares. */
// @ts-ignore: decorator
@inline
function spreadOver(size: u32, at: usize, weights: usize, sums: usize): void {
  let sum = f64At(weights, load<u32>(at));
  if (size > 1) sum += f64At(weights, load<u32>(at, 4));
  if (size > 2) sum += f64At(weights, load<u32>(at, 8));
  if (size > 3) sum += f64At(weights, load<u32>(at, 12));
  if (size > 4) sum += f64At(weights, load<u32>(at, 16));
  if (size > 5) sum += f64At(weights, load<u32>(at, 20));
  const share = size == 1 ? sum : sum / <f64>size;
  add(sums, load<u32>(at), share);
  if (size > 1) add(sums, load<u32>(at, 4), share);
  if (size > 2) add(sums, load<u32>(at, 8), share);
  if (size > 3) add(sums, load<u32>(at, 12), share);
  if (size > 4) add(sums, load<u32>(at, 16), share);
  if (size > 5) add(sums, load<u32>(at, 20), share);
}

/** New ranks of a block from the sums. `partials` gets its change and the rank of lone vertices. */
export function collectRanks(
  vertexCount: u32,
  parts: u32,
  block: u32,
  base: f64,
  damping: f64,
  ranks: usize,
  weights: usize,
  sums: usize,
  degrees: usize,
  partials: usize,
): void {
  let total: f64 = 0;
  let dangling: f64 = 0;
  const to = blockStart(vertexCount, block + 1);
  for (let vertex = blockStart(vertexCount, block); vertex < to; vertex++) {
    let sum = f64At(sums, vertex);
    for (let part: u32 = 1, at = vertex + vertexCount; part < parts; part++, at += vertexCount) sum += f64At(sums, at);
    const rank = base + damping * sum;
    total += Math.abs(rank - f64At(ranks, vertex));
    setF64(ranks, vertex, rank);
    const degree = u32At(degrees, vertex);
    if (degree == 0) dangling += rank;
    else setF64(weights, vertex, rank / <f64>degree);
  }
  setF64(partials, block, total);
  setF64(partials, RANK_BLOCKS + block, dangling);
}

// @ts-ignore: decorator
@inline
function add(sums: usize, vertex: u32, value: f64): void {
  setF64(sums, vertex, f64At(sums, vertex) + value);
}
