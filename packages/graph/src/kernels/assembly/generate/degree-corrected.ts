import { f64At, setF64, setU32, u32At } from '../array';
import { hasMember } from '../has-member';
import { drawUnit, streamKey } from '../random';

/** Draws for one place of a hyperedge until it is left out: each found a vertex that the hyperedge has already. */
const ATTEMPTS_MAX: u32 = 64;
/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 2048;

/**
 * Hyperedges of given sizes over vertices of given weights, in groups: a member of a hyperedge of group h is of vertex
 * group g with a probability proportional to `affinity[g * hyperedge groups + h]`, and in it each vertex with one
 * proportional to its weight. With one group of each this is the model of Chung and Lu, "The average distances in random
 * graphs with given expected degrees", PNAS 99 (2002); with more that of Larremore, Clauset and Jacobs, "Efficiently
 * inferring community structure in bipartite networks", Phys. Rev. E 90 (2014), with sizes kept.
 *
 * `order` lists the vertices group by group, group g from `groupStarts[g]` on; `weights` follow that order. A vertex that
 * a hyperedge has already is drawn again, and after 64 draws the place is left out. `offsets` has the sizes that came
 * out; returns the number of members. Walker's aliases, built as in Vose, IEEE Trans. Softw. Eng. 17 (1991).
 */
export function generateDegreeCorrected(
  sizes: usize,
  sizesLength: u32,
  hyperedgeGroups: usize,
  hyperedgeGroupsLength: u32,
  order: usize,
  orderLength: u32,
  weights: usize,
  weightsLength: u32,
  groupStarts: usize,
  groupStartsLength: u32,
  affinity: usize,
  affinityLength: u32,
  seed: u32,
  memberCount: u32,
  offsets: usize,
  offsetsLength: u32,
  members: usize,
  membersLength: u32,
  chances: usize,
  aliases: usize,
  stack: usize,
): u32 {
  const groups = groupStartsLength - 1;
  if (groupStartsLength < 2 || affinityLength % groups != 0) unreachable();
  if (hyperedgeGroupsLength != sizesLength || weightsLength != orderLength) unreachable();
  if (u32At(groupStarts, 0) != 0 || u32At(groupStarts, groups) != orderLength) unreachable();
  for (let group: u32 = 0; group < groups; group++) {
    const start = u32At(groupStarts, group);
    const end = u32At(groupStarts, group + 1);
    if (end < start || end > orderLength) unreachable();
    buildAliases(weights, start, end, chances, aliases, stack);
  }
  let total: u32 = 0;
  for (let from: u32 = 0; from < sizesLength; from += BLOCK_HYPEREDGES) {
    total = drawHyperedges(
      sizes, hyperedgeGroups, order, groupStarts, groups, affinity, affinityLength / groups, seed, memberCount, from,
      min(from + BLOCK_HYPEREDGES, sizesLength), total, offsets, members, chances, aliases,
    );
  }
  return total;
}

/** A table from which one draw gives an index with a probability proportional to its weight. */
function buildAliases(weights: usize, start: u32, end: u32, chances: usize, aliases: usize, stack: usize): void {
  let sum: f64 = 0;
  for (let i = start; i < end; i++) sum += f64At(weights, i);
  const scale = <f64>(end - start) / sum;
  // Those below the average from the bottom of the stack, the others from its top.
  let small = start;
  let large = end;
  for (let i = start; i < end; i++) {
    const chance = f64At(weights, i) * scale;
    setF64(chances, i, chance);
    setU32(aliases, i, i);
    if (chance < 1) setU32(stack, small++, i);
    else setU32(stack, --large, i);
  }
  while (small > start && large < end) {
    const low = u32At(stack, --small);
    const high = u32At(stack, large);
    setU32(aliases, low, high);
    const left = f64At(chances, high) - (1 - f64At(chances, low));
    setF64(chances, high, left);
    if (left >= 1) continue;
    large++;
    setU32(stack, small++, high);
  }
  // What rounding leaves over.
  while (small > start) setF64(chances, u32At(stack, --small), 1);
}

export function drawHyperedges(
  sizes: usize,
  hyperedgeGroups: usize,
  order: usize,
  groupStarts: usize,
  groups: u32,
  affinity: usize,
  affinityColumns: u32,
  seed: u32,
  memberCount: u32,
  from: u32,
  to: u32,
  start: u32,
  offsets: usize,
  members: usize,
  chances: usize,
  aliases: usize,
): u32 {
  let total = start;
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const key = streamKey(seed, hyperedge);
    const group = u32At(hyperedgeGroups, hyperedge);
    if (group >= affinityColumns) unreachable();
    const first = total;
    let counter: u64 = 0;
    for (let place = u32At(sizes, hyperedge); place > 0; place--) {
      for (let attempt: u32 = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const chosen = groups == 1 ? 0 : drawGroup(key, counter++, affinity, groups, affinityColumns, group);
        const begin = u32At(groupStarts, chosen);
        const count = u32At(groupStarts, chosen + 1) - begin;
        if (count == 0) continue;
        const drawn = drawUnit(key, counter++) * <f64>count;
        const at = begin + min(<u32>drawn, count - 1);
        const isOwn = drawn - Math.floor(drawn) < f64At(chances, at);
        const vertex = u32At(order, isOwn ? at : u32At(aliases, at));
        if (hasMember(members, first, total, vertex)) continue;
        if (total == memberCount) unreachable();
        setU32(members, total++, vertex);
        break;
      }
    }
    setU32(offsets, hyperedge + 1, total);
  }
  return total;
}

function drawGroup(key: u64, counter: u64, affinity: usize, groups: u32, columns: u32, column: u32): u32 {
  let sum: f64 = 0;
  for (let group: u32 = 0; group < groups; group++) sum += f64At(affinity, group * columns + column);
  let left = drawUnit(key, counter) * sum;
  for (let group: u32 = 0; group + 1 < groups; group++) {
    left -= f64At(affinity, group * columns + column);
    if (left < 0) return group;
  }
  return groups - 1;
}
