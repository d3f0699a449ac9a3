import { u32Address, u32At } from './array';

/**
 * Whether a list names something twice: whether some list does not rise. Looks at all neighbours in memory at once and
 * then at those that belong to different lists, which may fall. The incidence must be well formed.
 */
export function repeatsHyperedges(offsets: usize, offsetsLength: u32, members: usize, membersLength: u32): bool {
  return fallsIn(members, membersLength) != fallsBetween(offsets, offsetsLength, members);
}

/** How many values are not larger than the one before. */
function fallsIn(values: usize, length: u32): u32 {
  if (length < 2) return 0;
  const end = u32Address(values, length);
  let counts = i32x4.splat(0);
  let at = values;
  for (; at + 20 <= end; at += 16) {
    counts = v128.sub<i32>(counts, v128.ge<u32>(v128.load(at), v128.load(at, 4)));
  }
  let falls: u32 =
    i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3);
  for (; at + 8 <= end; at += 4) falls += <u32>(load<u32>(at) >= load<u32>(at, 4));
  return falls;
}

/** How often the first member of a list is not larger than the last of the one before. */
function fallsBetween(offsets: usize, offsetsLength: u32, members: usize): u32 {
  let falls: u32 = 0;
  let start = u32At(offsets, 0);
  for (let list: u32 = 1; list < offsetsLength; list++) {
    const end = u32At(offsets, list);
    if (start != 0 && start < end) falls += <u32>(u32At(members, start - 1) >= u32At(members, start));
    start = end;
  }
  return falls;
}
