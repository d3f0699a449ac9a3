import { clearU32, f64At, setF64, setU32, u32At } from './array';

const BLOCK_PARTS: u32 = 256;

/**
 * The graph whose vertices are the parts of another: part p has the arcs of its vertices to other parts, those to the
 * same part added up, in order of first appearance, and the sum of their strengths. `parts` are 0 to `partCount` - 1.
 * `starts` has one slot per part and one more, `sorted` one per vertex; `sums` is zero before and after. The target
 * rows must be other arrays than the source's.
 */
export function aggregate(
  count: u32,
  parts: usize,
  partCount: u32,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  strengths: usize,
  targetOffsets: usize,
  targetNeighbors: usize,
  targetWeights: usize,
  targetStrengths: usize,
  starts: usize,
  sorted: usize,
  sums: usize,
  touched: usize,
): void {
  groupByPart(count, parts, partCount, starts, sorted);
  setU32(targetOffsets, 0, 0);
  for (let from: u32 = 0; from < partCount; from += BLOCK_PARTS) {
    const to = min(from + BLOCK_PARTS, partCount);
    aggregateRows(
      from, to, parts, offsets, neighbours, weights, strengths, targetOffsets, targetNeighbors, targetWeights,
      targetStrengths, starts, sorted, sums, touched,
    );
  }
}

/** Counting sort: the vertices of part p are `sorted[starts[p]] ..`, rising. */
export function groupByPart(count: u32, parts: usize, partCount: u32, starts: usize, sorted: usize): void {
  clearU32(starts, partCount + 1);
  for (let i: u32 = 0; i < count; i++) {
    const part = u32At(parts, i);
    setU32(starts, part, u32At(starts, part) + 1);
  }
  let sum: u32 = 0;
  for (let part: u32 = 0; part <= partCount; part++) {
    sum += u32At(starts, part);
    setU32(starts, part, sum);
  }
  for (let i = count; i-- > 0; ) {
    const place = u32At(starts, u32At(parts, i)) - 1;
    setU32(starts, u32At(parts, i), place);
    setU32(sorted, place, i);
  }
}

export function aggregateRows(
  from: u32,
  to: u32,
  parts: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  strengths: usize,
  targetOffsets: usize,
  targetNeighbors: usize,
  targetWeights: usize,
  targetStrengths: usize,
  starts: usize,
  sorted: usize,
  sums: usize,
  touched: usize,
): void {
  let target = u32At(targetOffsets, from);
  for (let part = from; part < to; part++) {
    let touches: u32 = 0;
    let strength: f64 = 0;
    const last = u32At(starts, part + 1);
    for (let i = u32At(starts, part); i < last; i++) {
      const vertex = u32At(sorted, i);
      strength += f64At(strengths, vertex);
      const end = u32At(offsets, vertex + 1);
      for (let arc = u32At(offsets, vertex); arc < end; arc++) {
        const other = u32At(parts, u32At(neighbours, arc));
        if (other == part) continue;
        const sum = f64At(sums, other);
        setU32(touched, touches, other);
        touches += <u32>(sum == 0);
        setF64(sums, other, sum + f64At(weights, arc));
      }
    }
    setF64(targetStrengths, part, strength);
    for (let i: u32 = 0; i < touches; i++, target++) {
      const other = u32At(touched, i);
      setU32(targetNeighbors, target, other);
      setF64(targetWeights, target, f64At(sums, other));
      setF64(sums, other, 0);
    }
    setU32(targetOffsets, part + 1, target);
  }
}
