import { u32At } from './array';

/**
 * Calls that work together on one memory: a leader runs the algorithm and opens phases, each cut into chunks; the leader
 * and its helpers take chunks until none is left. Nobody waits for a helper that has not taken a chunk, so a helper that
 * comes late, or never, costs speed only. What a chunk computes must not depend on who takes it.
 *
 * `team` is 128 u32, zero at the start. Words that several write lie on cache lines of their own.
 */
export const TEAM_WORDS: u32 = 128;

/** Set to 1 when no more is to be done: by the leader, or by whoever started the team. */
const ENDED: usize = 0;
/** Set to 1 by whoever started the team when a helper was lost: what it had taken will never be done. */
const BROKEN: usize = 4;
/** u64: the number of the phase, then 16 bits each for the first chunk that is left and for the one after the last. */
const TICKET: usize = 64;
const DONE: usize = 128;
const WAKE: usize = 192;
const SLEEPERS: usize = 196;
const KIND: usize = 256;
const ARGUMENT: usize = 264;
const COUNTER: usize = 320;
const SUM: usize = 384;
/** Set to 1 while the leader sleeps until more chunks are done. */
const WAITING: usize = 448;

/** Looks at the ticket this often before it sleeps. */
const SPINS: u32 = 20_000;
/** A sleeper looks again after this, in nanoseconds. */
const SLEEP_NS: i64 = 2_000_000;
/** A helper leaves after so many sleeps without a chunk to take: its leader is gone, or does not need it. */
const SLEEPS_MAX: u32 = 500;

/** Opens a phase of `chunks` chunks, at most 65,535. All chunks of the one before must be done. */
export function openPhase(team: usize, kind: u32, chunks: u32): void {
  store<u32>(team + KIND, kind);
  atomic.store<u32>(team + DONE, 0);
  const phase = (atomic.load<u64>(team + TICKET) >> 32) + 1;
  atomic.store<u64>(team + TICKET, (phase << 32) | <u64>chunks);
  if (atomic.load<u32>(team + SLEEPERS) != 0) wake(team);
}

function wake(team: usize): void {
  atomic.add<u32>(team + WAKE, 1);
  atomic.notify(team + WAKE, -1);
}

/** Lets the helpers leave. The leader's last act. */
export function endTeam(team: usize): void {
  atomic.store<u32>(team + ENDED, 1);
  wake(team);
}

/**
 * Takes a chunk of the open phase: its number, or -1 when none is left. The leader begins at the end and helpers at the
 * start, so that in every round of phases a processor mostly finds what it wrote in the round before.
 */
export function takeChunk(team: usize, isLeader: bool): i32 {
  let ticket = atomic.load<u64>(team + TICKET);
  while (hasChunks(ticket)) {
    const next = isLeader ? ticket - 1 : ticket + 0x1_0000;
    const seen = atomic.cmpxchg<u64>(team + TICKET, ticket, next);
    if (seen == ticket) return isLeader ? <i32>(ticket & 0xffff) - 1 : <i32>((ticket >> 16) & 0xffff);
    ticket = seen;
  }
  return -1;
}

// @ts-ignore: decorator
@inline
function hasChunks(ticket: u64): bool {
  return ((ticket >> 16) & 0xffff) < (ticket & 0xffff);
}

export function chunkDone(team: usize): void {
  atomic.add<u32>(team + DONE, 1);
  if (atomic.load<u32>(team + WAITING) != 0) atomic.notify(team + DONE, -1);
}

/** Returns once all `chunks` of the open phase are done. Traps when a helper was lost. */
export function awaitPhase(team: usize, chunks: u32): void {
  let spins: u32 = 0;
  for (let done = atomic.load<u32>(team + DONE); done != chunks; done = atomic.load<u32>(team + DONE)) {
    if (atomic.load<u32>(team + BROKEN) != 0) unreachable();
    if (++spins < SPINS) continue;
    // Whoever has the chunk may need this processor.
    atomic.store<u32>(team + WAITING, 1);
    atomic.wait<i32>(team + DONE, done, SLEEP_NS);
  }
  if (spins >= SPINS) atomic.store<u32>(team + WAITING, 0);
}

/** Returns true once there may be a chunk to take, false when the helper should leave. */
export function awaitChunks(team: usize): bool {
  for (let sleeps: u32 = 0; sleeps < SLEEPS_MAX; sleeps++) {
    for (let spin: u32 = 0; spin < SPINS; spin++) {
      if (hasChunks(atomic.load<u64>(team + TICKET))) return true;
      if (atomic.load<u32>(team + ENDED) != 0) return false;
    }
    const before = atomic.load<u32>(team + WAKE);
    atomic.add<u32>(team + SLEEPERS, 1);
    if (!hasChunks(atomic.load<u64>(team + TICKET)) && atomic.load<u32>(team + ENDED) == 0) {
      atomic.wait<i32>(team + WAKE, before, SLEEP_NS);
    }
    atomic.sub<u32>(team + SLEEPERS, 1);
  }
  return false;
}

/** What the open phase is about; to be read after taking a chunk of it, or by the leader. */
export function phaseKind(team: usize): u32 {
  return load<u32>(team + KIND);
}

/** Three numbers that go with a phase, set before it opens. */
export function setArguments(team: usize, first: u32, second: u32, third: u32): void {
  store<u32>(team + ARGUMENT, first);
  store<u32>(team + ARGUMENT, second, 4);
  store<u32>(team + ARGUMENT, third, 8);
}

/** Number 0, 1 or 2 of those that go with the open phase. */
export function phaseArgument(team: usize, index: usize): u32 {
  return load<u32>(team + ARGUMENT + (index << 2));
}

/** Where a place for `count` more values begins: the counter before it goes up. */
export function reserve(team: usize, count: u32): u32 {
  return atomic.add<u32>(team + COUNTER, count);
}

export function counter(team: usize): u32 {
  return atomic.load<u32>(team + COUNTER);
}

export function setCounter(team: usize, value: u32): void {
  atomic.store<u32>(team + COUNTER, value);
}

/** Adds to the sum of a phase: whole numbers, so that the order does not matter. */
export function addToSum(team: usize, value: u32): void {
  atomic.add<u32>(team + SUM, value);
}

/** The sum, which begins anew. */
export function takeSum(team: usize): u32 {
  const sum = atomic.load<u32>(team + SUM);
  atomic.store<u32>(team + SUM, 0);
  return sum;
}

/** Where chunk `chunk` of `chunks` begins among lists, so that each has about as many members. */
export function chunkStart(offsets: usize, lists: u32, chunk: u32, chunks: u32): u32 {
  if (chunk >= chunks) return lists;
  const target = <u32>((<u64>u32At(offsets, lists) * chunk) / chunks);
  let low: u32 = 0;
  let high = lists;
  while (low < high) {
    const middle = low + ((high - low) >> 1);
    if (u32At(offsets, middle) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}
