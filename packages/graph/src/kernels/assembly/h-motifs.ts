import { f64At, setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** Hyperedges per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_HYPEREDGES: u32 = 16;
/** No motif: two of the hyperedges have the same members. */
const NO_CLASS: u32 = 255;

/**
 * Counts how three connected hyperedges meet: which of the seven parts of their Venn diagram are empty. `classes[pattern]`
 * is the motif of a pattern, with bit 0, 1, 2 for vertices in the first, second, third alone, bit 3, 4, 5 for those in
 * first and second, second and third, third and first alone, bit 6 for those in all; 255 counts nothing. `counts` has
 * one number per motif. MoCHy-E of Lee, Ko and Shin, "Hypergraph motifs: concepts, algorithms, and discoveries",
 * PVLDB 13 (2020).
 *
 * The hyperedges, all different sets, and their line graph: `neighbours` from `offsets[e]` meet e, `overlaps` says in
 * how many vertices. A triple of which all pairs meet is counted from its first hyperedge, one in which a pair does not
 * meet from the one that meets both.
 */
export function countHMotifs(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  offsets: usize,
  offsetsLength: u32,
  neighbours: usize,
  neighboursLength: u32,
  overlaps: usize,
  overlapsLength: u32,
  classes: usize,
  classesLength: u32,
  counts: usize,
  countsLength: u32,
  marks: usize,
  shared: usize,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(offsets, offsetsLength, neighbours, neighboursLength, edgeOffsetsLength - 1);
  if (offsetsLength != edgeOffsetsLength || overlapsLength != neighboursLength || classesLength != 128) unreachable();
  const hyperedges = edgeOffsetsLength - 1;
  for (let from: u32 = 0; from < hyperedges; from += BLOCK_HYPEREDGES) {
    motifsFrom(
      edgeOffsets, edgeMembers, offsets, neighbours, overlaps, classes, counts, countsLength, marks, shared, from,
      min(from + BLOCK_HYPEREDGES, hyperedges),
    );
  }
}

export function motifsFrom(
  edgeOffsets: usize,
  edgeMembers: usize,
  offsets: usize,
  neighbours: usize,
  overlaps: usize,
  classes: usize,
  counts: usize,
  countsLength: u32,
  marks: usize,
  shared: usize,
  from: u32,
  to: u32,
): void {
  for (let one = from; one < to; one++) {
    const end = u32At(offsets, one + 1);
    for (let i = u32At(offsets, one); i < end; i++) {
      const two = u32At(neighbours, i);
      markCommon(edgeOffsets, edgeMembers, one, two, marks);
      spread(offsets, neighbours, overlaps, two, shared);
      for (let j = i + 1; j < end; j++) {
        const three = u32At(neighbours, j);
        const twoThree = u32At(shared, three);
        // All three meet: once, from the first of them. The neighbours rise.
        if (twoThree != 0 && one > two) continue;
        const all = twoThree == 0 ? 0 : countCommon(edgeOffsets, edgeMembers, three, marks);
        count(
          sizeOf(edgeOffsets, one), sizeOf(edgeOffsets, two), sizeOf(edgeOffsets, three), u32At(overlaps, i), twoThree,
          u32At(overlaps, j), all, classes, counts, countsLength,
        );
      }
      clear(offsets, neighbours, two, shared);
      unmark(edgeOffsets, edgeMembers, two, marks);
    }
  }
}

// @ts-ignore: decorator
@inline
function count(
  a: u32,
  b: u32,
  c: u32,
  ab: u32,
  bc: u32,
  ca: u32,
  all: u32,
  classes: usize,
  counts: usize,
  countsLength: u32,
): void {
  const motif = motifOf(a, b, c, ab, bc, ca, all, classes);
  if (motif == NO_CLASS) return;
  if (motif >= countsLength) unreachable();
  setF64(counts, motif, f64At(counts, motif) + 1);
}

/** The class of three hyperedges by their sizes and by what they share. */
// @ts-ignore: decorator
@inline
export function motifOf(a: u32, b: u32, c: u32, ab: u32, bc: u32, ca: u32, all: u32, classes: usize): u32 {
  const pattern =
    <u32>(a + all > ab + ca) |
    (<u32>(b + all > ab + bc) << 1) |
    (<u32>(c + all > bc + ca) << 2) |
    (<u32>(ab > all) << 3) |
    (<u32>(bc > all) << 4) |
    (<u32>(ca > all) << 5) |
    (<u32>(all > 0) << 6);
  return load<u8>(classes + pattern);
}

// @ts-ignore: decorator
@inline
export function sizeOf(edgeOffsets: usize, hyperedge: u32): u32 {
  return u32At(edgeOffsets, hyperedge + 1) - u32At(edgeOffsets, hyperedge);
}

/** Marks the vertices that two hyperedges share with 3: 1 is for those of the first, 2 for those of the second. */
export function markCommon(edgeOffsets: usize, edgeMembers: usize, one: u32, two: u32, marks: usize): void {
  let end = u32At(edgeOffsets, two + 1);
  for (let i = u32At(edgeOffsets, two); i < end; i++) setU32(marks, u32At(edgeMembers, i), 2);
  end = u32At(edgeOffsets, one + 1);
  for (let i = u32At(edgeOffsets, one); i < end; i++) {
    const member = u32At(edgeMembers, i);
    if (u32At(marks, member) == 2) setU32(marks, member, 3);
  }
}

export function unmark(edgeOffsets: usize, edgeMembers: usize, two: u32, marks: usize): void {
  const end = u32At(edgeOffsets, two + 1);
  for (let i = u32At(edgeOffsets, two); i < end; i++) setU32(marks, u32At(edgeMembers, i), 0);
}

export function countCommon(edgeOffsets: usize, edgeMembers: usize, three: u32, marks: usize): u32 {
  let common: u32 = 0;
  const end = u32At(edgeOffsets, three + 1);
  for (let i = u32At(edgeOffsets, three); i < end; i++) common += <u32>(u32At(marks, u32At(edgeMembers, i)) == 3);
  return common;
}

export function spread(offsets: usize, neighbours: usize, overlaps: usize, two: u32, shared: usize): void {
  const end = u32At(offsets, two + 1);
  for (let i = u32At(offsets, two); i < end; i++) setU32(shared, u32At(neighbours, i), u32At(overlaps, i));
}

export function clear(offsets: usize, neighbours: usize, two: u32, shared: usize): void {
  const end = u32At(offsets, two + 1);
  for (let i = u32At(offsets, two); i < end; i++) setU32(shared, u32At(neighbours, i), 0);
}
