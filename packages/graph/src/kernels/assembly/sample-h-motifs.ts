import { f64At, setF64, u32At } from './array';
import { clear, countCommon, markCommon, motifOf, sizeOf, spread, unmark } from './h-motifs';
import { requireIncidence } from './incidence';
import { drawBelow, streamKey } from './random';

/** Samples per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_SAMPLES: u32 = 16;

/**
 * How many triples of each motif contain a pair of hyperedges that meet, for `samples` pairs drawn with repetition: `sums`
 * over the samples and `squares`, the sums of squares. Inputs as of `countHMotifs`. MoCHy-A+ of Lee, Ko and Shin, PVLDB 13
 * (2020), section 3.3.
 */
export function sampleHMotifs(
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
  samples: u32,
  seed: u32,
  sums: usize,
  sumsLength: u32,
  squares: usize,
  squaresLength: u32,
  found: usize,
  marks: usize,
  sharedOne: usize,
  sharedTwo: usize,
): void {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  requireIncidence(offsets, offsetsLength, neighbours, neighboursLength, edgeOffsetsLength - 1);
  if (offsetsLength != edgeOffsetsLength || overlapsLength != neighboursLength || classesLength != 128) unreachable();
  if (neighboursLength == 0) return;
  const key = streamKey(seed, 0);
  for (let from: u32 = 0; from < samples; from += BLOCK_SAMPLES) {
    sampleMotifs(
      from, min(from + BLOCK_SAMPLES, samples), key, edgeOffsets, edgeOffsetsLength - 1, edgeMembers, offsets, neighbours,
      neighboursLength, overlaps, classes, sums, squares, sumsLength, found, marks, sharedOne, sharedTwo,
    );
  }
}

export function sampleMotifs(
  from: u32,
  to: u32,
  key: u64,
  edgeOffsets: usize,
  hyperedgeCount: u32,
  edgeMembers: usize,
  offsets: usize,
  neighbours: usize,
  arcs: u32,
  overlaps: usize,
  classes: usize,
  sums: usize,
  squares: usize,
  motifs: u32,
  found: usize,
  marks: usize,
  sharedOne: usize,
  sharedTwo: usize,
): void {
  for (let sample = from; sample < to; sample++) {
    const arc = drawBelow(key, sample, arcs);
    const one = ownerOf(offsets, hyperedgeCount, arc);
    const two = u32At(neighbours, arc);
    const both = u32At(overlaps, arc);
    const a = sizeOf(edgeOffsets, one);
    const b = sizeOf(edgeOffsets, two);
    for (let motif: u32 = 0; motif < motifs; motif++) setF64(found, motif, 0);
    markCommon(edgeOffsets, edgeMembers, one, two, marks);
    spread(offsets, neighbours, overlaps, one, sharedOne);
    spread(offsets, neighbours, overlaps, two, sharedTwo);
    for (let i = u32At(offsets, one), end = u32At(offsets, one + 1); i < end; i++) {
      const three = u32At(neighbours, i);
      if (three == two) continue;
      const twoThree = u32At(sharedTwo, three);
      const all = twoThree == 0 ? 0 : countCommon(edgeOffsets, edgeMembers, three, marks);
      note(motifOf(a, b, sizeOf(edgeOffsets, three), both, twoThree, u32At(overlaps, i), all, classes), motifs, found);
    }
    for (let i = u32At(offsets, two), end = u32At(offsets, two + 1); i < end; i++) {
      const three = u32At(neighbours, i);
      if (three == one || u32At(sharedOne, three) != 0) continue;
      note(motifOf(a, b, sizeOf(edgeOffsets, three), both, u32At(overlaps, i), 0, 0, classes), motifs, found);
    }
    clear(offsets, neighbours, one, sharedOne);
    clear(offsets, neighbours, two, sharedTwo);
    unmark(edgeOffsets, edgeMembers, two, marks);
    for (let motif: u32 = 0; motif < motifs; motif++) {
      const count = f64At(found, motif);
      setF64(sums, motif, f64At(sums, motif) + count);
      setF64(squares, motif, f64At(squares, motif) + count * count);
    }
  }
}

// @ts-ignore: decorator
@inline
function note(motif: u32, motifs: u32, found: usize): void {
  if (motif < motifs) setF64(found, motif, f64At(found, motif) + 1);
}

/** The hyperedge whose neighbours include place `arc`. */
function ownerOf(offsets: usize, count: u32, arc: u32): u32 {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (u32At(offsets, middle + 1) <= arc) low = middle + 1;
    else high = middle;
  }
  return low;
}
