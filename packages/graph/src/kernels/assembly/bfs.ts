import { i32At, setI32, setU32, u32Address, u32At } from './array';
import { endOf, requireLengths } from './incidence';

/** Work per call of the inner loops, in vertices: lets V8 switch to optimised code while the kernel runs. */
const BLOCK_PUSH: u32 = 256;
const BLOCK_PULL: u32 = 1024;
/** Pull where that is expected to look at fewer hyperedges than this fraction (1 / n) of what a push looks at. */
const PULL_FRACTION: u64 = 4;

/**
 * State of a hyperedge, one byte so that all of them stay in a near cache: `OPEN`, `CLOSED` when all its members are
 * reached by the end of the level, otherwise the mark of the level in which it was found to touch nothing.
 */
export const OPEN: u32 = 0;
export const CLOSED: u32 = 255;
/** Marks of levels run from 1 to this, then from 1 again. */
const MARKS: i32 = 254;

/**
 * Breadth-first levels of vertices in hyperedge hops: `levels[v]` is the least number of hyperedges on a walk from
 * `source` to v, -1 when there is none. Returns the number of vertices reached, the source included.
 * Direction-optimising as in Beamer, Asanovic and Patterson, "Direction-optimizing breadth-first search" (SC 2012):
 * levels do not depend on the direction taken. Arrays are checked as they are read.
 */
export function breadthFirstSearch(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  source: u32,
  levels: usize,
  levelsLength: u32,
  states: usize,
  queue: usize,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength) unreachable();
  if (source >= levelsLength || nodeOffsetsLength - 1 != levelsLength) unreachable();
  const edgeCount = edgeOffsetsLength - 1;
  memory.fill(levels, 0xff, <usize>levelsLength << 2);
  setI32(levels, source, 0);
  setU32(queue, 0, source);
  let head: u32 = 0;
  let tail: u32 = 1;
  let work = degreeOf(nodeOffsets, source);
  let unreached = nodeMembersLength - work;
  for (let level: i32 = 1; head < tail && unreached > 0; level++) {
    const end = tail;
    if (isPullLevel(work, levelsLength - tail, nodeMembersLength)) {
      startRound(states, edgeCount, level);
      for (let from: u32 = 0; from < levelsLength; from += BLOCK_PULL) {
        const to = min(from + BLOCK_PULL, levelsLength);
        tail = pullLevel(
          edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, levelsLength, nodeMembersLength, levels, level,
          states, from, to, queue, tail,
        );
      }
    } else {
      for (let from = head; from < end; from += BLOCK_PUSH) {
        const to = min(from + BLOCK_PUSH, end);
        tail = pushLevel(
          edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, levelsLength, nodeMembersLength, levels, level,
          states, queue, from, to, tail,
        );
      }
    }
    head = end;
    work = 0;
    for (let at = head; at < tail; at++) work += degreeOf(nodeOffsets, u32At(queue, at));
    unreached -= work;
  }
  return tail;
}

/**
 * Whether `unreached` vertices should look back at the last level, which has `work` of all incidences. Were it spread
 * evenly, a vertex would find it after incidences / work hyperedges. Where hyperedges are local it takes longer, and what
 * was looked at in vain is looked at again in the next level: hence the fraction.
 */
// @ts-ignore: decorator
@inline
export function isPullLevel(work: u32, unreached: u32, incidenceCount: u32): bool {
  return <u64>work * <u64>work > PULL_FRACTION * <u64>unreached * <u64>incidenceCount;
}

/**
 * Before a level that is pulled: once the marks have begun anew, old ones must not be taken for new, so that every hyperedge
 * that is not closed is open again. `states` has 4 bytes more than hyperedges, for how often that was.
 */
export function startRound(states: usize, edgeCount: u32, level: i32): void {
  const round = (level - 1) / MARKS;
  if (load<i32>(states + edgeCount) == round) return;
  store<i32>(states + edgeCount, round);
  for (let hyperedge: u32 = 0; hyperedge < edgeCount; hyperedge++) {
    if (load<u8>(states + hyperedge) != CLOSED) store<u8>(states + hyperedge, OPEN);
  }
}

// @ts-ignore: decorator
@inline
export function markOf(level: i32): u32 {
  return <u32>((level - 1) % MARKS) + 1;
}

/** Vertices in the queue from `from` to `to` reach the members of their hyperedges. Returns the queue's new end. */
export function pushLevel(
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
  queue: usize,
  from: u32,
  to: u32,
  end: u32,
): u32 {
  let tail = end;
  for (let at = from; at < to; at++) {
    const vertex = u32At(queue, at);
    const start = u32At(nodeOffsets, vertex);
    let i = u32Address(nodeMembers, start);
    const last = u32Address(nodeMembers, endOf(nodeOffsets, vertex, start, incidenceCount));
    for (; i < last; i += 4) {
      const hyperedge = load<u32>(i);
      if (hyperedge >= edgeCount) unreachable();
      if (load<u8>(states + hyperedge) == CLOSED) continue;
      store<u8>(states + hyperedge, CLOSED);
      const first = u32At(edgeOffsets, hyperedge);
      let j = u32Address(edgeMembers, first);
      const stop = u32Address(edgeMembers, endOf(edgeOffsets, hyperedge, first, incidenceCount));
      for (; j < stop; j += 4) {
        const member = load<u32>(j);
        if (member >= vertexCount) unreachable();
        // Without a branch: which members are new cannot be predicted.
        const before = i32At(levels, member);
        setU32(queue, tail, member);
        setI32(levels, member, select<i32>(level, before, before < 0));
        tail += <u32>before >> 31;
      }
    }
  }
  return tail;
}

/** Unreached vertices look for a hyperedge with a member in the last level. Returns the queue's new end. */
export function pullLevel(
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
  from: u32,
  to: u32,
  queue: usize,
  end: u32,
): u32 {
  const mark = markOf(level);
  let tail = end;
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
        const isTouching = touches(edgeOffsets, edgeMembers, hyperedge, vertexCount, incidenceCount, levels, level);
        store<u8>(states + hyperedge, isTouching ? CLOSED : mark);
        if (!isTouching) continue;
      }
      setI32(levels, vertex, level);
      setU32(queue, tail++, vertex);
      break;
    }
  }
  return tail;
}

/**
 * Whether a hyperedge has a member in the level before `level`. If it has one, all its members are reached in this
 * level. Asked once per hyperedge and level.
 */
// @ts-ignore: decorator
@inline
function touches(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedge: u32,
  vertexCount: u32,
  incidenceCount: u32,
  levels: usize,
  level: i32,
): bool {
  const first = u32At(edgeOffsets, hyperedge);
  let j = u32Address(edgeMembers, first);
  const stop = u32Address(edgeMembers, endOf(edgeOffsets, hyperedge, first, incidenceCount));
  for (; j < stop; j += 4) {
    const member = load<u32>(j);
    if (member >= vertexCount) unreachable();
    if (i32At(levels, member) == level - 1) return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline
export function degreeOf(offsets: usize, id: u32): u32 {
  return u32At(offsets, id + 1) - u32At(offsets, id);
}
