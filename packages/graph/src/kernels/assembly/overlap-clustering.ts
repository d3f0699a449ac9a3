import { f64At, setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';

/** What the number of shared hyperedges is divided by. */
const UNION: u32 = 0;
const LEAST: u32 = 1;

/**
 * For each node of a line graph of vertices the mean, over its neighbours, of the number of hyperedges they share,
 * divided by the number of hyperedges of either (`kind` 0), of the one with fewer (1) or of the one with more (2).
 * `neighbours` from `offsets[n]` are those after n, `overlaps` what they share, `degrees` the hyperedges of each node.
 * Sums run over rising neighbours. 0 for a node without neighbours.
 * Gallagher and Goldberg, "Clustering coefficients in protein interaction hypernetworks" (BCB 2013).
 */
export function overlapClustering(
  offsets: usize,
  offsetsLength: u32,
  neighbours: usize,
  neighboursLength: u32,
  overlaps: usize,
  overlapsLength: u32,
  degrees: usize,
  degreesLength: u32,
  kind: u32,
  coefficients: usize,
  coefficientsLength: u32,
  counts: usize,
): void {
  requireIncidence(offsets, offsetsLength, neighbours, neighboursLength, coefficientsLength);
  if (overlapsLength != neighboursLength || degreesLength != coefficientsLength) unreachable();
  for (let node: u32 = 0; node < coefficientsLength; node++) {
    const own = u32At(degrees, node);
    const end = u32At(offsets, node + 1);
    for (let i = u32At(offsets, node); i < end; i++) {
      const other = u32At(neighbours, i);
      const theirs = u32At(degrees, other);
      const shared = u32At(overlaps, i);
      const whole = kind == UNION ? own + theirs - shared : kind == LEAST ? min(own, theirs) : max(own, theirs);
      const share = <f64>shared / <f64>whole;
      add(coefficients, counts, node, share);
      add(coefficients, counts, other, share);
    }
  }
  for (let node: u32 = 0; node < coefficientsLength; node++) {
    const count = u32At(counts, node);
    if (count > 0) setF64(coefficients, node, f64At(coefficients, node) / <f64>count);
  }
}

// @ts-ignore: decorator
@inline
function add(coefficients: usize, counts: usize, node: u32, share: f64): void {
  setF64(coefficients, node, f64At(coefficients, node) + share);
  setU32(counts, node, u32At(counts, node) + 1);
}
