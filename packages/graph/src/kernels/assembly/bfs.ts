import { i32At, setI32, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Work per call of the inner loops, in vertices: lets V8 switch to optimised code while the kernel runs. */
const BLOCK_PUSH: u32 = 256;
const BLOCK_PULL: u32 = 1024;
/** State of a hyperedge all of whose members are reached by the end of the level; otherwise a level, or 0. */
const CLOSED: i32 = i32.MAX_VALUE;
/** Pull once the frontier has more incidences than this fraction (1 / n) of those of unreached vertices. */
const PULL_FRACTION: u32 = 4;

/**
 * Breadth-first levels of vertices in hyperedge hops: `levels[v]` is the least number of hyperedges on a walk from
 * `source` to v, -1 when there is none. Returns the number of vertices reached, the source included.
 * Direction-optimising as in Beamer, Asanovic and Patterson, "Direction-optimizing breadth-first search" (SC 2012):
 * levels do not depend on the direction taken.
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
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, levelsLength);
  requireIncidence(nodeOffsets, nodeOffsetsLength, nodeMembers, nodeMembersLength, edgeOffsetsLength - 1);
  if (source >= levelsLength) unreachable();
  memory.fill(levels, 0xff, <usize>levelsLength << 2);
  setI32(levels, source, 0);
  setU32(queue, 0, source);
  let head: u32 = 0;
  let tail: u32 = 1;
  let work = degreeOf(nodeOffsets, source);
  let unreached = nodeMembersLength - work;
  for (let level: i32 = 1; head < tail && unreached > 0; level++) {
    const end = tail;
    if (work > unreached / PULL_FRACTION) {
      for (let from: u32 = 0; from < levelsLength; from += BLOCK_PULL) {
        const to = min(from + BLOCK_PULL, levelsLength);
        tail = pullLevel(edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, levels, level, states, from, to, queue, tail);
      }
    } else {
      for (let from = head; from < end; from += BLOCK_PUSH) {
        const to = min(from + BLOCK_PUSH, end);
        tail = pushLevel(edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, levels, level, states, queue, from, to, tail);
      }
    }
    head = end;
    work = 0;
    for (let at = head; at < tail; at++) work += degreeOf(nodeOffsets, u32At(queue, at));
    unreached -= work;
  }
  return tail;
}

/** Vertices in the queue from `from` to `to` reach the members of their hyperedges. Returns the queue's new end. */
export function pushLevel(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
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
    const last = u32At(nodeOffsets, vertex + 1);
    for (let i = u32At(nodeOffsets, vertex); i < last; i++) {
      const hyperedge = u32At(nodeMembers, i);
      if (i32At(states, hyperedge) == CLOSED) continue;
      setI32(states, hyperedge, CLOSED);
      const stop = u32At(edgeOffsets, hyperedge + 1);
      for (let j = u32At(edgeOffsets, hyperedge); j < stop; j++) {
        const member = u32At(edgeMembers, j);
        if (i32At(levels, member) >= 0) continue;
        setI32(levels, member, level);
        setU32(queue, tail++, member);
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
  levels: usize,
  level: i32,
  states: usize,
  from: u32,
  to: u32,
  queue: usize,
  end: u32,
): u32 {
  let tail = end;
  for (let vertex = from; vertex < to; vertex++) {
    if (i32At(levels, vertex) >= 0) continue;
    const last = u32At(nodeOffsets, vertex + 1);
    for (let i = u32At(nodeOffsets, vertex); i < last; i++) {
      if (!touches(edgeOffsets, edgeMembers, u32At(nodeMembers, i), levels, level, states)) continue;
      setI32(levels, vertex, level);
      setU32(queue, tail++, vertex);
      break;
    }
  }
  return tail;
}

/**
 * Whether a hyperedge has a member in the level before `level`. Each hyperedge is looked through once per level: if it
 * has one, all its members are reached in this level, so it is closed; if not, its state says so for the level.
 */
// @ts-ignore: decorator
@inline
function touches(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedge: u32,
  levels: usize,
  level: i32,
  states: usize,
): bool {
  const state = i32At(states, hyperedge);
  if (state == CLOSED) return true;
  if (state == level) return false;
  const stop = u32At(edgeOffsets, hyperedge + 1);
  for (let j = u32At(edgeOffsets, hyperedge); j < stop; j++) {
    if (i32At(levels, u32At(edgeMembers, j)) == level - 1) {
      setI32(states, hyperedge, CLOSED);
      return true;
    }
  }
  setI32(states, hyperedge, level);
  return false;
}

// @ts-ignore: decorator
@inline
function degreeOf(offsets: usize, id: u32): u32 {
  return u32At(offsets, id + 1) - u32At(offsets, id);
}
