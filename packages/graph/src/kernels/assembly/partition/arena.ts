/**
 * Working memory of the partitioner: words are taken from the bottom for what stays and from the top for what is needed
 * for a moment; both are given back in reverse order, by setting `bottom` or `top` to what it was. Not cleared.
 */
// @ts-ignore: decorator
@unmanaged
export class Arena {
  bottom: usize = 0;
  top: usize = 0;
}

/** Takes words that stay. Traps when there are none left: callers ask `hasRoom` where that can be. */
export function take(arena: Arena, words: u32): usize {
  const address = arena.bottom;
  if ((<usize>words << 2) > arena.top - address) unreachable();
  arena.bottom = address + (<usize>words << 2);
  return address;
}

/** Takes words for a moment. */
export function borrow(arena: Arena, words: u32): usize {
  if ((<usize>words << 2) > arena.top - arena.bottom) unreachable();
  arena.top -= <usize>words << 2;
  return arena.top;
}

export function hasRoom(arena: Arena, words: u64): bool {
  return words << 2 <= <u64>(arena.top - arena.bottom);
}

/** Bytes that `Arena` itself takes at the start of its memory. */
export const ARENA_BYTES: usize = 16;
