import { setI32, setU32, u32Address, u32At } from './array';
import { degreeOf, isPullLevel, pullLevel, pushLevel, startRound } from './bfs';
import { BUFFER_VERTICES, LINE_VERTICES, bitWords, cutQueue, enqueue, markRange, mergeBits, pullRange, pushCut } from './bfs-shared';
import { requireLengths } from './incidence';
import {
  awaitChunks, awaitPhase, chunkDone, counter, endTeam, openPhase, phaseArgument, phaseKind, setArguments, setCounter, takeChunk, takeSum,
} from './team';

/** Pieces of a level, at most. */
const CHUNKS: u32 = 64;
/** What a phase does: note the last level's vertices, look back at them; reach members from them, give these their level. */
const MARK: u32 = 1;
const PULL: u32 = 2;
const PUSH: u32 = 3;
const MERGE: u32 = 4;
/** Levels with fewer incidences than this, or than a fraction (1 / n) of the vertices, are not worth sharing. */
const SHARED_WORK_MIN: u32 = 8192;
const SHARED_FRACTION: u32 = 32;

/**
 * `breadthFirstSearch` with helpers: the levels are the same, the order of the queue is not. `bits` is the last level's
 * vertices, then, for each call, those that it reached, a set of bits each.
 */
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
  bitsLength: u32,
  levels: usize,
  queue: usize,
  bits: usize,
  cuts: usize,
  team: usize,
  states: usize,
  buffer: usize,
): u32 {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength || source >= nodeOffsetsLength - 1) unreachable();
  const edgeCount = edgeOffsetsLength - 1;
  const vertexCount = nodeOffsetsLength - 1;
  const words = bitWords(vertexCount);
  if (bitsLength < 2 * words || bitsLength % words != 0) unreachable();
  memory.fill(states, 0, edgeCount + 4);
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
    const size = isPull ? unreached : work;
    if (size < SHARED_WORK_MIN || size < vertexCount / SHARED_FRACTION) {
      if (isPull) startRound(states, edgeCount, level);
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
      if (!isPull) cutQueue(nodeOffsets, queue, head, end, work, CHUNKS, cuts);
      for (let kind = isPull ? MARK : PUSH; kind <= (isPull ? PULL : MERGE); kind++) {
        const chunks = kind == PUSH ? CHUNKS : rangeCount(vertexCount);
        setArguments(team, level, bitsLength, 0);
        openPhase(team, kind, chunks);
        searchChunks(
          edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, nodeMembersLength, 0, levels, queue,
          bits, cuts, team, states, buffer, true,
        );
        awaitPhase(team, chunks);
      }
      tail = counter(team);
      work = takeSum(team);
    }
    head = end;
    unreached -= work;
  }
  endTeam(team);
  return tail;
}

/** @param part From 1; each call has bits of its own. */
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
  bitsLength: u32,
  levels: usize,
  queue: usize,
  bits: usize,
  cuts: usize,
  team: usize,
  states: usize,
  buffer: usize,
): void {
  requireLengths(edgeOffsets, edgeOffsetsLength, edgeMembersLength);
  requireLengths(nodeOffsets, nodeOffsetsLength, nodeMembersLength);
  if (edgeMembersLength != nodeMembersLength) unreachable();
  const edgeCount = edgeOffsetsLength - 1;
  const vertexCount = nodeOffsetsLength - 1;
  if (<u64>(part + 2) * bitWords(vertexCount) > bitsLength) unreachable();
  memory.fill(states, 0, edgeCount + 4);
  while (awaitChunks(team)) {
    searchChunks(
      edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, nodeMembersLength, part, levels, queue,
      bits, cuts, team, states, buffer, false,
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
  part: u32,
  levels: usize,
  queue: usize,
  bits: usize,
  cuts: usize,
  team: usize,
  states: usize,
  buffer: usize,
  isLeader: bool,
): void {
  const words = bitWords(vertexCount);
  for (let chunk = takeChunk(team, isLeader); chunk >= 0; chunk = takeChunk(team, isLeader)) {
    const kind = phaseKind(team);
    const level = <i32>phaseArgument(team, 0);
    if (kind == PUSH) {
      pushCut(
        edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, incidenceCount, states, queue,
        u32Address(cuts, chunk << 1), u32Address(bits, (part + 1) * words),
      );
    } else {
      let from = rangeStart(vertexCount, chunk);
      const to = rangeStart(vertexCount, chunk + 1);
      if (kind == MARK) {
        markRange(levels, level, bits, from, to);
      } else if (kind == MERGE) {
        const sets = phaseArgument(team, 1) / words - 1;
        mergeBits(
          nodeOffsets, levels, level, u32Address(bits, words), <usize>words << 2, sets, from, to, queue, buffer, team,
        );
      } else {
        startRound(states, edgeCount, level);
        for (; from < to; from += BUFFER_VERTICES) {
          const found = pullRange(
            edgeOffsets, edgeMembers, nodeOffsets, nodeMembers, edgeCount, vertexCount, incidenceCount, levels, level,
            states, bits, from, min(from + BUFFER_VERTICES, to), buffer,
          );
          enqueue(nodeOffsets, queue, buffer, found, team);
        }
      }
    }
    chunkDone(team);
  }
}

/** Into how many ranges, of whole lines of bits, the vertices are cut. */
// @ts-ignore: decorator
@inline
function rangeCount(vertexCount: u32): u32 {
  return min(CHUNKS, bitWords(vertexCount) >> 4);
}

// @ts-ignore: decorator
@inline
function rangeStart(vertexCount: u32, range: u32): u32 {
  const lines = bitWords(vertexCount) >> 4;
  return min(<u32>((<u64>lines * range) / rangeCount(vertexCount)) * LINE_VERTICES, vertexCount);
}
