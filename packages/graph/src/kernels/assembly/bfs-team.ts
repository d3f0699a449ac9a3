import { i32At, setI32, setU32, u32Address, u32At } from './array';
import { CLOSED, degreeOf, isPullLevel, pullLevel, pushLevel, startMarks } from './bfs';
import { endOf, requireLengths } from './incidence';
import {
  addToSum, awaitChunks, awaitPhase, chunkDone, chunkStart, counter, endTeam, openPhase, phaseArgument, phaseKind, reserve, setArguments, setCounter, takeChunk, takeSum,
} from './team';

/** Pieces of a level: of its queue when it is pushed, of about the same number of incidences when it is pulled. */
const CHUNKS: u32 = 64;
const PUSH: u32 = 1;
const PULL: u32 = 2;
/** Levels with fewer incidences than this are not worth sharing. */
const SHARED_WORK_MIN: u32 = 16_384;
/** Vertices that a call collects before it puts them into the queue. */
export const BUFFER_VERTICES: u32 = 1024;

/** `breadthFirstSearch` with helpers: the levels are the same, the order of the queue is not. */
export function breadthFirstLead(
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
  states: usize,
  queue: usize,
  buffers: usize,
  team: usize,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength || source >= nodeOffsetsLength - 1) unreachable();
  const edgeCount = edgeOffsetsLength - 1;
  const vertexCount = nodeOffsetsLength - 1;
  memory.fill(levels, 0xff, <usize>vertexCount << 2);
  setI32(levels, source, 0);
  setU32(queue, 0, source);
  let head: u32 = 0;
  let tail: u32 = 1;
  let work = degreeOf(nodeOffsets, source);
  let unreached = nodeMembersLength - work;
  for (let level: i32 = 1; head < tail && unreached > 0; level++) {
    const end = tail;
    const isPull = isPullLevel(work, vertexCount - tail, nodeMembersLength);
    if (isPull) startMarks(states, edgeCount, level);
    if ((isPull ? unreached : work) < SHARED_WORK_MIN) {
      tail = isPull
        ? pullLevel(
            edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, nodeMembersLength, levels, level,
            states, 0, vertexCount, queue, end,
          )
        : pushLevel(
            edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, nodeMembersLength, levels, level,
            states, queue, head, end, end,
          );
      work = 0;
      for (let at = end; at < tail; at++) work += degreeOf(nodeOffsets, u32At(queue, at));
    } else {
      setCounter(team, end);
      setArguments(team, level, head, end);
      openPhase(team, isPull ? PULL : PUSH, CHUNKS);
      searchChunks(
        edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, nodeMembersLength, levels, states,
        queue, buffers, team, true,
      );
      awaitPhase(team, CHUNKS);
      tail = counter(team);
      work = takeSum(team);
    }
    head = end;
    unreached -= work;
  }
  endTeam(team);
  return tail;
}

/** @param part From 1; each helper has a buffer of its own. */
export function breadthFirstHelp(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  nodeOffsets: usize,
  nodeOffsetsLength: u32,
  nodeMembers: usize,
  nodeMembersLength: u32,
  part: u32,
  levels: usize,
  states: usize,
  queue: usize,
  buffers: usize,
  team: usize,
): void {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength) unreachable();
  const own = u32Address(buffers, part * BUFFER_VERTICES);
  while (awaitChunks(team)) {
    searchChunks(
      edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeOffsetsLength - 1, nodeOffsetsLength - 1,
      nodeMembersLength, levels, states, queue, own, team, false,
    );
  }
}

function searchChunks(
  edgeOffsets: usize,
  edgeMembers: usize,
  nodeOffsets: usize,
  nodeMembers: usize,
  edgeCount: u32,
  vertexCount: u32,
  incidenceCount: u32,
  levels: usize,
  states: usize,
  queue: usize,
  buffer: usize,
  team: usize,
  isLeader: bool,
): void {
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const level = <i32>phaseArgument(team, 0);
    if (phaseKind(team) == PULL) {
      const to = chunkStart(nodeOffsets, vertexCount, chunk + 1, CHUNKS);
      let from = chunkStart(nodeOffsets, vertexCount, chunk, CHUNKS);
      for (; from < to; from += BUFFER_VERTICES) {
        const found = pullLevel(
          edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, incidenceCount, levels, level,
          states, from, min(from + BUFFER_VERTICES, to), buffer, 0,
        );
        enqueue(nodeOffsets, queue, buffer, found, team);
      }
    } else {
      const head = phaseArgument(team, 1);
      const count = <u64>(phaseArgument(team, 2) - head);
      const from = head + <u32>((count * chunk) / CHUNKS);
      const to = head + <u32>((count * (chunk + 1)) / CHUNKS);
      pushShared(
        edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, incidenceCount, levels, level, states,
        queue, buffer, from, to, team,
      );
    }
    chunkDone(team);
  }
}

/** `pushLevel` while others push, too: a vertex belongs to whoever sets its level. */
export function pushShared(
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
  buffer: usize,
  from: u32,
  to: u32,
  team: usize,
): void {
  let found: u32 = 0;
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
        if (i32At(levels, member) >= 0) continue;
        if (atomic.cmpxchg<i32>(u32Address(levels, member), -1, level) != -1) continue;
        setU32(buffer, found++, member);
        if (found < BUFFER_VERTICES) continue;
        enqueue(nodeOffsets, queue, buffer, found, team);
        found = 0;
      }
    }
  }
  enqueue(nodeOffsets, queue, buffer, found, team);
}

/** Puts vertices into the queue and adds up their degrees. */
function enqueue(nodeOffsets: usize, queue: usize, buffer: usize, count: u32, team: usize): void {
  if (count == 0) return;
  let work: u32 = 0;
  for (let i: u32 = 0; i < count; i++) work += degreeOf(nodeOffsets, u32At(buffer, i));
  memory.copy(u32Address(queue, reserve(team, count)), buffer, <usize>count << 2);
  addToSum(team, work);
}
