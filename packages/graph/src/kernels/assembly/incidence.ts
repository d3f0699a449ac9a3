import { u32At } from './array';

/**
 * Traps unless one side of an incidence is well formed: `offsets` starts at 0, never falls and ends at the number of
 * members, and every member is below `bound`. Kernels index by these values, so nothing else may reach them.
 */
export function requireIncidence(
  offsets: usize,
  offsetsLength: u32,
  members: usize,
  membersLength: u32,
  bound: u32,
): void {
  if (offsetsLength == 0) unreachable();
  if (u32At(offsets, 0) != 0 || u32At(offsets, offsetsLength - 1) != membersLength) unreachable();
  if (!neverFalls(offsets, offsetsLength)) unreachable();
  if (membersLength > 0 && !allBelow(members, membersLength, bound)) unreachable();
}

function neverFalls(values: usize, length: u32): bool {
  const end = values + (<usize>length << 2);
  let at = values;
  let fallen = i32x4.splat(0);
  for (; at + 20 <= end; at += 16) {
    fallen = v128.or(fallen, v128.gt<u32>(v128.load(at), v128.load(at, 4)));
  }
  if (v128.any_true(fallen)) return false;
  for (; at + 8 <= end; at += 4) {
    if (load<u32>(at) > load<u32>(at, 4)) return false;
  }
  return true;
}

/** Whether all of `length` values are below `bound`. */
export function allBelow(values: usize, length: u32, bound: u32): bool {
  const end = values + (<usize>length << 2);
  const limit = i32x4.splat(<i32>bound);
  let at = values;
  let outside = i32x4.splat(0);
  for (; at + 16 <= end; at += 16) {
    outside = v128.or(outside, v128.ge<u32>(v128.load(at), limit));
  }
  if (v128.any_true(outside)) return false;
  for (; at < end; at += 4) {
    if (load<u32>(at) >= bound) return false;
  }
  return true;
}

/**
 * Traps unless `offsets` begins at 0 and ends at the number of members: the quick part of the check, for kernels that
 * check the rest as they read it.
 */
export function requireLengths(offsets: usize, offsetsLength: u32, membersLength: u32): void {
  if (offsetsLength == 0) unreachable();
  if (u32At(offsets, 0) != 0 || u32At(offsets, offsetsLength - 1) != membersLength) unreachable();
}

/** Where the list `index` that begins at `start` ends. Traps when that is before its start or beyond the members. */
// @ts-ignore: decorator
@inline
export function endOf(offsets: usize, index: u32, start: u32, membersLength: u32): u32 {
  const end = u32At(offsets, index + 1);
  // Two branches that are never taken cost less than one condition made of both.
  if (end > membersLength) unreachable();
  if (end < start) unreachable();
  return end;
}

/** A member. Traps when it is not below `bound`. */
// @ts-ignore: decorator
@inline
export function memberAt(members: usize, at: u32, bound: u32): u32 {
  const member = u32At(members, at);
  if (member >= bound) unreachable();
  return member;
}
