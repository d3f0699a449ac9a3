import { NONE, setU32, u32Address, u32At } from './array';
import { degrees as listLengths } from './degrees';
import { requireIncidence } from './incidence';
import { removeMembers, removeVertices } from './peel';
import { repeatsHyperedges } from './repeats';

/** Levels whose vertices are kept in one list: shorter lists to look through, but all that is left is looked at less. */
const WINDOW_LEVELS: u32 = 64;
/** Hyperedges per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 4096;

/**
 * Coreness of vertices and hyperedges over all (k, s)-hypercores of one `s` (from 1). The (k, s)-hypercore is the
 * largest sub-hypergraph whose vertices are in at least k of its hyperedges and whose hyperedges keep at least s
 * different members; a hyperedge loses the members that are removed, and is removed itself below s. `cores[v]` is the
 * largest k of a core with v; `edgeCores[e]` that of a core with e, NONE for a hyperedge that has fewer than s
 * members at the outset. Returns the largest coreness.
 *
 * Vertices are peeled level by level, those that fall to a level in any order (Matula and Beck 1983; levels as in
 * Dhulipala, Blelloch and Shun, "Julienne", SPAA 2017): cores do not depend on the order. A vertex of degree d is looked at
 * at most d times between, so that the time is linear in the incidences.
 * `records` is 2 words a hyperedge (see `peel.ts`), `lists` 4 words a vertex.
 */
export function kCore(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  s: u32,
  cores: usize,
  coresLength: u32,
  edgeCores: usize,
  edgeCoresLength: u32,
  records: usize,
  lists: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, coresLength);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, edgeCoresLength);
  if (s == 0) unreachable();
  const alive = lists;
  const window = u32Address(alive, coresLength);
  const queue = u32Address(window, coresLength);
  const stamps = u32Address(queue, coresLength);
  listLengths(nodeOffsets, nodeOffsetsLength, cores, coresLength);
  const isPlain = !repeatsHyperedges(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength);
  for (let from: u32 = 0; from < edgeCoresLength; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, edgeCoresLength);
    startRecords(edgeOffsets, edgeMembers, from, to, s, isPlain, records, cores, stamps);
  }
  memory.fill(stamps, 0, <usize>coresLength << 2);
  for (let vertex: u32 = 0; vertex < coresLength; vertex++) setU32(alive, vertex, vertex);
  let left = coresLength;
  let largest: u32 = 0;
  for (let start: u32 = 0; ; ) {
    left = keepFrom(alive, left, start, cores);
    if (left == 0) break;
    start = leastOf(alive, left, cores);
    // No degree is the last number: the lists of a vertex have fewer members.
    const stop = start > NONE - WINDOW_LEVELS ? NONE : start + WINDOW_LEVELS;
    let windowed = listBelow(alive, left, stop, cores, window);
    for (let level = start; level < stop && windowed != 0; level++) {
      const counts = splitAt(window, windowed, level, cores, queue);
      const found = <u32>(counts >> 32);
      windowed = <u32>counts;
      if (found == 0) continue;
      largest = level;
      windowed += s == 2 && isPlain
        ? removeVertices(
            nodeOffsets, nodeMembers, coresLength, level, stop, cores, records, queue, found, window, windowed,
          )
        : removeMembers(
            edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, s, level, stop, cores, records, queue, found, window,
            windowed, stamps,
          );
    }
    start = stop;
  }
  for (let hyperedge: u32 = 0; hyperedge < edgeCoresLength; hyperedge++) {
    setU32(edgeCores, hyperedge, load<u32>(records + (<usize>hyperedge << 3)));
  }
  return largest;
}

/**
 * Counts the members of each hyperedge and takes those that are too small from the degrees of their members. Where
 * hyperedges repeat members, different ones count once: `stamps` are then used, and dirty afterwards.
 */
export function startRecords(
  edgeOffsets: usize,
  edgeMembers: usize,
  from: u32,
  to: u32,
  s: u32,
  isPlain: bool,
  records: usize,
  degrees: usize,
  stamps: usize,
): void {
  let at = u32Address(edgeMembers, u32At(edgeOffsets, from));
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const first = at;
    const end = u32Address(edgeMembers, u32At(edgeOffsets, hyperedge + 1));
    let size = <u32>(end - at) >> 2;
    let mixed: u32 = 0;
    if (isPlain) {
      for (; at < end; at += 4) mixed ^= load<u32>(at);
    } else {
      size = 0;
      for (; at < end; at += 4) {
        const member = load<u32>(at);
        if (u32At(stamps, member) == hyperedge + 1) setU32(degrees, member, u32At(degrees, member) - 1);
        else size++;
        setU32(stamps, member, hyperedge + 1);
      }
    }
    if (size < s) {
      takeFromDegrees(first, end, hyperedge, isPlain, degrees, stamps);
      size = 0;
      mixed = NONE;
    }
    store<u64>(records + (<usize>hyperedge << 3), (<u64>size << 32) | <u64>mixed);
  }
}

/** Takes a hyperedge from the degrees of its members, once each: their stamps are zeroed on the way. */
function takeFromDegrees(first: usize, end: usize, hyperedge: u32, isPlain: bool, degrees: usize, stamps: usize): void {
  for (let at = first; at < end; at += 4) {
    const member = load<u32>(at);
    if (!isPlain) {
      if (u32At(stamps, member) != hyperedge + 1) continue;
      setU32(stamps, member, 0);
    }
    setU32(degrees, member, u32At(degrees, member) - 1);
  }
}

/** Keeps the vertices of a list whose degree is from `least` on. Returns how many. */
function keepFrom(list: usize, count: u32, least: u32, degrees: usize): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const vertex = u32At(list, i);
    setU32(list, kept, vertex);
    kept += <u32>(u32At(degrees, vertex) >= least);
  }
  return kept;
}

/** The least degree in a list that is not empty. */
function leastOf(list: usize, count: u32, degrees: usize): u32 {
  let least = NONE;
  for (let i: u32 = 0; i < count; i++) least = min(least, u32At(degrees, u32At(list, i)));
  return least;
}

/** Lists the vertices of `list` whose degree is below `bound`. Returns how many. */
function listBelow(list: usize, count: u32, bound: u32, degrees: usize, into: usize): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const vertex = u32At(list, i);
    setU32(into, found, vertex);
    found += <u32>(u32At(degrees, vertex) < bound);
  }
  return found;
}

/**
 * Moves the vertices of degree `level` from `list` to `queue` and forgets those below. Returns how many it moved, above,
 * and how many stay, below.
 */
export function splitAt(list: usize, count: u32, level: u32, degrees: usize, queue: usize): u64 {
  let kept: u32 = 0;
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const vertex = u32At(list, i);
    const degree = u32At(degrees, vertex);
    setU32(queue, found, vertex);
    found += <u32>(degree == level);
    setU32(list, kept, vertex);
    kept += <u32>(degree > level);
  }
  return (<u64>found << 32) | <u64>kept;
}
