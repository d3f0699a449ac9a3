import { setU32, u32Address, u32At } from './array';
import { findRoot, findShared, joinRoots } from './disjoint-sets';
import { endOf, memberAt, requireLengths } from './incidence';
import { joinNoted } from './noted-joins';

/** Hyperedges per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 4096;
/** Incidences looked at in one step. */
const STEP: u32 = 8;
/**
 * Incidences are compared several at a time while that pays: it saves a mispredicted end for every hyperedge, and costs the
 * members of every hyperedge that has to be joined, of which this many are as dear.
 */
const DEAR_MEMBERS: u64 = 1;

/**
 * Connected components of vertices: two vertices are connected when some hyperedge holds both. `labels[v]` is the
 * smallest vertex of v's component; a vertex without hyperedges is its own component. Returns the number of
 * components. One pass over the incidences with disjoint sets.
 */
export function connectedComponents(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  labels: usize,
  labelsLength: u32,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  if (edgeMembersLength != 0 && vertexCount == 0) unreachable();
  plantRange(labels, 0, vertexCount);
  const hyperedgeCount = edgeOffsetsLength - 1;
  joinRange(edgeOffsets, edgeMembers, edgeMembersLength, 0, hyperedgeCount, vertexCount, labels, true, 0);
  return flatten(labels, vertexCount);
}

/**
 * Joins the members of the hyperedges from `first` to `last`, block by block, in the way that suits them: one hyperedge after
 * the other at first when `scattered`. `notes` is 0 unless other threads join in the same forest. @returns Whether the next
 * block should be done so, too.
 */
export function joinRange(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  first: u32,
  last: u32,
  vertexCount: u32,
  parents: usize,
  scattered: bool,
  notes: usize,
): bool {
  let isScattered = scattered;
  for (let from = first; from < last; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, last);
    let strays: u32;
    if (notes != 0) {
      strays = isScattered
        ? joinEachShared(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents, notes)
        : joinStepsShared(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents, notes);
    } else {
      strays = isScattered
        ? joinEachAlone(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents)
        : joinStepsAlone(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents);
    }
    const incidences = u32At(edgeOffsets, to) - u32At(edgeOffsets, from);
    const hyperedges = <u64>(to - from);
    isScattered = <u64>strays * <u64>incidences > DEAR_MEMBERS * hyperedges * hyperedges;
  }
  return isScattered;
}

export function joinEachAlone(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  from: u32,
  to: u32,
  vertexCount: u32,
  parents: usize,
): u32 {
  return joinEach(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents, false, 0);
}

export function joinEachShared(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  from: u32,
  to: u32,
  vertexCount: u32,
  parents: usize,
  notes: usize,
): u32 {
  return joinEach(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents, true, notes);
}

export function joinStepsAlone(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  from: u32,
  to: u32,
  vertexCount: u32,
  parents: usize,
): u32 {
  return joinSteps(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents, false, 0);
}

export function joinStepsShared(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  from: u32,
  to: u32,
  vertexCount: u32,
  parents: usize,
  notes: usize,
): u32 {
  return joinSteps(edgeOffsets, edgeMembers, edgeMembersLength, from, to, vertexCount, parents, true, notes);
}

/** One hyperedge after the other. @returns The hyperedges of which not all members hung below the root at once. */
// @ts-ignore: decorator
@inline
function joinEach(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  from: u32,
  to: u32,
  vertexCount: u32,
  parents: usize,
  isShared: bool,
  notes: usize,
): u32 {
  let strays: u32 = 0;
  let at = u32At(edgeOffsets, from);
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const end = endOf(edgeOffsets, hyperedge, at, edgeMembersLength);
    if (at == end) continue;
    let root = find(isShared, parents, memberAt(edgeMembers, at, vertexCount));
    let next = u32Address(edgeMembers, at + 1);
    const last = u32Address(edgeMembers, end);
    at = end;
    let isStray: u32 = 0;
    // Two at a time: every turn of a loop has a price of its own.
    for (; next + 8 <= last; next += 8) {
      const both = load<u64>(next);
      const one = <u32>both;
      const two = <u32>(both >> 32);
      if (one >= vertexCount) unreachable();
      if (two >= vertexCount) unreachable();
      if (u32At(parents, one) != root) {
        isStray = 1;
        const other = find(isShared, parents, one);
        if (other != root) root = isShared ? joinNoted(parents, root, other, notes) : joinRoots(parents, root, other);
      }
      if (u32At(parents, two) != root) {
        isStray = 1;
        const other = find(isShared, parents, two);
        if (other != root) root = isShared ? joinNoted(parents, root, other, notes) : joinRoots(parents, root, other);
      }
    }
    if (next < last) {
      const member = load<u32>(next);
      if (member >= vertexCount) unreachable();
      if (u32At(parents, member) != root) {
        isStray = 1;
        const other = find(isShared, parents, member);
        if (other != root) root = isShared ? joinNoted(parents, root, other, notes) : joinRoots(parents, root, other);
      }
    }
    strays += isStray;
  }
  return strays;
}

/**
 * Most incidences are of vertices that already hang below one and the same root, so several are compared with it at a
 * time, whatever hyperedges they belong to: a hyperedge all of whose members hang there has nothing to join.
 * @returns The hyperedges that had to be joined.
 */
// @ts-ignore: decorator
@inline
function joinSteps(
  edgeOffsets: usize,
  edgeMembers: usize,
  edgeMembersLength: u32,
  first: u32,
  last: u32,
  vertexCount: u32,
  parents: usize,
  isShared: bool,
  notes: usize,
): u32 {
  let strays: u32 = 0;
  let at = u32At(edgeOffsets, first);
  const to = endOf(edgeOffsets, last - 1, at, edgeMembersLength);
  if (at == to) return 0;
  let hyperedge = first;
  let root = find(isShared, parents, memberAt(edgeMembers, at, vertexCount));
  while (at < to) {
    if (at + STEP <= to) {
      const members = u32Address(edgeMembers, at);
      const near = v128.load(members);
      const far = v128.load(members, 16);
      const largest = v128.max<u32>(near, far);
      if (v128.any_true(v128.ge<u32>(largest, i32x4.splat(<i32>vertexCount)))) unreachable();
      const here = i32x4(
        u32At(parents, i32x4.extract_lane(near, 0)),
        u32At(parents, i32x4.extract_lane(near, 1)),
        u32At(parents, i32x4.extract_lane(near, 2)),
        u32At(parents, i32x4.extract_lane(near, 3)),
      );
      const there = i32x4(
        u32At(parents, i32x4.extract_lane(far, 0)),
        u32At(parents, i32x4.extract_lane(far, 1)),
        u32At(parents, i32x4.extract_lane(far, 2)),
        u32At(parents, i32x4.extract_lane(far, 3)),
      );
      const roots = i32x4.splat(<i32>root);
      const hanging = i32x4.bitmask(v128.eq<i32>(here, roots)) | (i32x4.bitmask(v128.eq<i32>(there, roots)) << 4);
      // A branch, not arithmetic: the processor goes on reading before it knows.
      if (hanging == 0xff) {
        at += STEP;
        continue;
      }
      at += <u32>ctz(~hanging);
    } else if (u32At(parents, memberAt(edgeMembers, at, vertexCount)) == root) {
      at++;
      continue;
    }
    // The hyperedge of an incidence that hangs elsewhere; what it has before that hangs below the root.
    hyperedge = advanceTo(edgeOffsets, last, hyperedge, at);
    strays++;
    const start = u32At(edgeOffsets, hyperedge);
    const end = endOf(edgeOffsets, hyperedge, start, edgeMembersLength);
    let i = at;
    if (start == at) root = find(isShared, parents, memberAt(edgeMembers, i++, vertexCount));
    for (; i < end; i++) {
      const member = memberAt(edgeMembers, i, vertexCount);
      if (u32At(parents, member) == root) continue;
      const other = find(isShared, parents, member);
      if (other != root) root = isShared ? joinNoted(parents, root, other, notes) : joinRoots(parents, root, other);
    }
    // Never back, even where the offsets are wrong.
    if (end <= at) unreachable();
    at = end;
  }
  return strays;
}

// @ts-ignore: decorator
@inline
function find(isShared: bool, parents: usize, id: u32): u32 {
  return isShared ? findShared(parents, id) : findRoot(parents, id);
}

/** The hyperedge of incidence `at`, looked for from `start` on. */
// @ts-ignore: decorator
@inline
function advanceTo(edgeOffsets: usize, last: u32, start: u32, at: u32): u32 {
  let hyperedge = start;
  const here = i32x4.splat(<i32>at);
  while (hyperedge + 4 < last) {
    const passed = i32x4.bitmask(v128.le<u32>(v128.load(u32Address(edgeOffsets, hyperedge + 1)), here));
    // Offsets that never fall pass from the first on.
    hyperedge += <u32>ctz(~passed & 0xf | 0x10);
    if (passed != 0xf) return hyperedge;
  }
  while (hyperedge < last && u32At(edgeOffsets, hyperedge + 1) <= at) hyperedge++;
  if (hyperedge >= last) unreachable();
  return hyperedge;
}

/** Every vertex from `from` to `to` for itself. */
export function plantRange(parents: usize, from: u32, to: u32): void {
  let vertex = from;
  let four = v128.add<i32>(i32x4.splat(<i32>from), i32x4(0, 1, 2, 3));
  for (; vertex + 4 <= to; vertex += 4) {
    v128.store(u32Address(parents, vertex), four);
    four = v128.add<i32>(four, i32x4.splat(4));
  }
  for (; vertex < to; vertex++) setU32(parents, vertex, vertex);
}

/** Points every id at its root, which is never larger than the id itself. Returns the number of roots. */
export function flatten(parents: usize, count: u32): u32 {
  let roots: u32 = 0;
  for (let id: u32 = 0; id < count; id++) {
    const parent = u32At(parents, id);
    roots += <u32>(parent == id);
    setU32(parents, id, u32At(parents, parent));
  }
  return roots;
}

/** The same for those from `from` to `to` while others do it beside: what they point at may not be flat yet. */
export function flattenRange(parents: usize, from: u32, to: u32): u32 {
  let roots: u32 = 0;
  for (let id = from; id < to; id++) {
    let root = u32At(parents, u32At(parents, id));
    if (u32At(parents, root) != root) root = findShared(parents, root);
    roots += <u32>(root == id);
    // Stored in any case: whether it changes cannot be predicted.
    setU32(parents, id, root);
  }
  return roots;
}
