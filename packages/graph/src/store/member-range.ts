/** How many different members hyperedges have: fewest and most. */
import type { Incidence } from './incidence.js';

export interface MemberCount {
  readonly hyperedge: number;
  /** Different members. */
  readonly count: number;
}

/** The first hyperedges that have the fewest and the most; undefined without hyperedges. */
export type MemberRange = { readonly least: MemberCount; readonly most: MemberCount } | undefined;

/**
 * @param room Members are below this. @param hyperedges The index of each list, where it is not its place.
 */
export function memberRangeOf(
  { offsets, members }: Incidence,
  room: number,
  hyperedges?: Uint32Array,
): MemberRange {
  const stamps = new Uint32Array(room);
  let range: MemberRange;
  for (let list = 0; list + 1 < offsets.length; list++) {
    let count = 0;
    for (let i = offsets[list]!; i < offsets[list + 1]!; i++) {
      if (stamps[members[i]!] !== list + 1) count += 1;
      stamps[members[i]!] = list + 1;
    }
    if (range !== undefined && count >= range.least.count && count <= range.most.count) continue;
    const one = { hyperedge: hyperedges?.[list] ?? list, count };
    range = joinRanges(range, { least: one, most: one });
  }
  return range;
}

/** The range of both; of equal counts the one with the smaller index stays. */
export function joinRanges(one: MemberRange, other: MemberRange): MemberRange {
  if (one === undefined || other === undefined) return one ?? other;
  const isBefore = (a: MemberCount, b: MemberCount) => a.count === b.count && a.hyperedge <= b.hyperedge;
  const least = (a: MemberCount, b: MemberCount) => (a.count < b.count || isBefore(a, b) ? a : b);
  const most = (a: MemberCount, b: MemberCount) => (a.count > b.count || isBefore(a, b) ? a : b);
  return { least: least(one.least, other.least), most: most(one.most, other.most) };
}
