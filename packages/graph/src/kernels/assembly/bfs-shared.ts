import { i32At, setI32, setU32, u32Address, u32At } from './array';
import { CLOSED, degreeOf, markOf } from './bfs';
import { endOf } from './incidence';
import { addToSum, reserve } from './team';

/**
 * Parts of one level of a search that several threads do at the same time. None writes what another reads before the next
 * phase: each has states of hyperedges of its own and notes the vertices that it reaches in bits of its own; a vertex's level
 * is written by the thread that has the vertex's range. A line of memory that two threads write costs each of them more
 * than looking twice at a hyperedge.
 */

/** Vertices that a call collects before it puts them into the queue. */
export const BUFFER_VERTICES: u32 = 1024;
/** Vertices whose bits fill one line of memory: ranges are whole numbers of these. */
export const LINE_VERTICES: u32 = 512;

/** Words of one set of bits, a bit for each vertex, in whole lines. */
// @ts-ignore: decorator
@inline
export function bitWords(vertexCount: u32): u32 {
  return <u32>((<u64>vertexCount + LINE_VERTICES - 1) / LINE_VERTICES) << 4;
}

/** Notes which vertices from `from`, a multiple of 512, to `to` are in the level before `level`. */
export function markRange(levels: usize, level: i32, frontier: usize, from: u32, to: u32): void {
  const before = i32x4.splat(level - 1);
  let bits = frontier + (<usize>from >> 3);
  let vertex = from;
  for (; vertex + 16 <= to; vertex += 16, bits += 2) {
    const at = u32Address(levels, vertex);
    store<u16>(
      bits,
      i32x4.bitmask(v128.eq<i32>(v128.load(at), before)) |
        (i32x4.bitmask(v128.eq<i32>(v128.load(at, 16), before)) << 4) |
        (i32x4.bitmask(v128.eq<i32>(v128.load(at, 32), before)) << 8) |
        (i32x4.bitmask(v128.eq<i32>(v128.load(at, 48), before)) << 12),
    );
  }
  if (vertex == to) return;
  let last: u32 = 0;
  for (let i = vertex; i < to; i++) last |= <u32>(i32At(levels, i) == level - 1) << (i - vertex);
  store<u16>(bits, last);
}

/** Unreached vertices from `from` to `to` look for a hyperedge with a member in `frontier`. */
export function pullRange(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  edgeCount: u32,
  vertexCount: u32,
  incidenceCount: u32,
  levels: usize,
  level: i32,
  states: usize,
  frontier: usize,
  from: u32,
  to: u32,
  buffer: usize,
): u32 {
  const mark = markOf(level);
  let found: u32 = 0;
  for (let vertex = from; vertex < to; vertex++) {
    if (i32At(levels, vertex) >= 0) continue;
    const start = u32At(nodeOffsets, vertex);
    let i = u32Address(nodeMembers, start);
    const last = u32Address(nodeMembers, endOf(nodeOffsets, vertex, start, incidenceCount));
    for (; i < last; i += 4) {
      const hyperedge = load<u32>(i);
      if (hyperedge >= edgeCount) unreachable();
      const state: u32 = load<u8>(states + hyperedge);
      if (state == mark) continue;
      if (state != CLOSED) {
        const isTouching = meets(edgeOffsets, edgeMembers, hyperedge, vertexCount, incidenceCount, frontier);
        store<u8>(states + hyperedge, isTouching ? CLOSED : mark);
        if (!isTouching) continue;
      }
      setI32(levels, vertex, level);
      setU32(buffer, found++, vertex);
      break;
    }
  }
  return found;
}

/** Whether a hyperedge has a member in `frontier`. */
// @ts-ignore: decorator
@inline
function meets(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedge: u32,
  vertexCount: u32,
  incidenceCount: u32,
  frontier: usize,
): bool {
  const first = u32At(edgeOffsets, hyperedge);
  let j = u32Address(edgeMembers, first);
  const stop = u32Address(edgeMembers, endOf(edgeOffsets, hyperedge, first, incidenceCount));
  for (; j < stop; j += 4) {
    const member = load<u32>(j);
    if (member >= vertexCount) unreachable();
    if ((<u32>load<u8>(frontier + (member >> 3)) >> (member & 7)) & 1) return true;
  }
  return false;
}

/**
 * Cuts a level into chunks of as many incidences, also in the middle of a vertex: most of a level may be of one. A cut is a
 * place in the queue and how many hyperedges of its vertex lie before it. `cuts` is 2 words a chunk and 2 more.
 */
export function cutQueue(
  nodeOffsets: usize,
  queue: usize,
  head: u32,
  end: u32,
  work: u32,
  chunks: u32,
  cuts: usize,
): void {
  let before: u32 = 0;
  let cut: u32 = 0;
  for (let at = head; at < end; at++) {
    const degree = degreeOf(nodeOffsets, u32At(queue, at));
    for (; cut < chunks; cut++) {
      const target = <u32>((<u64>work * cut) / chunks);
      if (target >= before + degree) break;
      setU32(cuts, cut << 1, at);
      setU32(cuts, (cut << 1) + 1, target - before);
    }
    before += degree;
  }
  for (; cut <= chunks; cut++) {
    setU32(cuts, cut << 1, end);
    setU32(cuts, (cut << 1) + 1, 0);
  }
}

/** What lies in the queue between the cut at `cut` and the next reaches members, which are noted in `next`. */
export function pushCut(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  edgeCount: u32,
  vertexCount: u32,
  incidenceCount: u32,
  states: usize,
  queue: usize,
  cut: usize,
  next: usize,
): void {
  const end = load<u32>(cut, 8);
  const added = load<u32>(cut, 12);
  let skipped = load<u32>(cut, 4);
  for (let at = load<u32>(cut); at < end + <u32>(added != 0); at++) {
    const vertex = u32At(queue, at);
    const start = u32At(nodeOffsets, vertex);
    const stop = endOf(nodeOffsets, vertex, start, incidenceCount);
    const last = u32Address(nodeMembers, at == end ? min(start + added, stop) : stop);
    for (let i = u32Address(nodeMembers, start + skipped); i < last; i += 4) {
      const hyperedge = load<u32>(i);
      if (hyperedge >= edgeCount) unreachable();
      if (load<u8>(states + hyperedge) == CLOSED) continue;
      store<u8>(states + hyperedge, CLOSED);
      const first = u32At(edgeOffsets, hyperedge);
      let j = u32Address(edgeMembers, first);
      const until = u32Address(edgeMembers, endOf(edgeOffsets, hyperedge, first, incidenceCount));
      for (; j < until; j += 4) {
        const member = load<u32>(j);
        if (member >= vertexCount) unreachable();
        const bits = next + (member >> 3);
        store<u8>(bits, load<u8>(bits) | (<u8>1 << <u8>(member & 7)));
      }
    }
    skipped = 0;
  }
}

/**
 * Gives unreached vertices from `from`, a multiple of 512, to `to` their level where they are noted in any of the `sets` sets
 * of bits that begin at `next`; what is noted there is forgotten.
 */
export function mergeBits(
  nodeOffsets: usize,
  levels: usize,
  level: i32,
  next: usize,
  setBytes: usize,
  sets: u32,
  from: u32,
  to: u32,
  queue: usize,
  buffer: usize,
  team: usize,
): void {
  let found: u32 = 0;
  for (let first = from; first < to; first += 64) {
    let bits: u64 = 0;
    let at = next + (<usize>first >> 3);
    for (let set: u32 = 0; set < sets; set++, at += setBytes) {
      const noted = load<u64>(at);
      if (noted == 0) continue;
      bits |= noted;
      store<u64>(at, 0);
    }
    for (; bits != 0; bits &= bits - 1) {
      const vertex = first + <u32>ctz(bits);
      setU32(buffer, found, vertex);
      const before = i32At(levels, vertex);
      setI32(levels, vertex, select<i32>(level, before, before < 0));
      found += <u32>before >> 31;
    }
    if (found + 64 <= BUFFER_VERTICES) continue;
    enqueue(nodeOffsets, queue, buffer, found, team);
    found = 0;
  }
  enqueue(nodeOffsets, queue, buffer, found, team);
}

/** Puts vertices into the queue and adds up their degrees. */
export function enqueue(nodeOffsets: usize, queue: usize, buffer: usize, count: u32, team: usize): void {
  if (count == 0) return;
  let work: u32 = 0;
  for (let i: u32 = 0; i < count; i++) work += degreeOf(nodeOffsets, u32At(buffer, i));
  memory.copy(u32Address(queue, reserve(team, count)), buffer, <usize>count << 2);
  addToSum(team, work);
}
