import { f64At, setF64, setU32, u32At } from './array';
import { mix } from './hash';

/** Vertices per call of the inner loop: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_VERTICES: u32 = 512;
/** A label must be better by this share of the strength of a vertex, so that rounding cannot make vertices move for ever. */
const GAIN_MIN: f64 = 1e-10;

/** One pass of moves over the active vertices in `order`. Returns how many moved. */
export function moveAll(
  count: u32,
  order: usize,
  active: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  labels: usize,
  strengths: usize,
  volumes: usize,
  sums: usize,
  touched: usize,
  penalty: f64,
  key: u32,
): u32 {
  let moved: u32 = 0;
  for (let from: u32 = 0; from < count; from += BLOCK_VERTICES) {
    const to = min(from + BLOCK_VERTICES, count);
    moved += moveVertices(
      from, to, order, active, offsets, neighbours, weights, labels, strengths, volumes, sums, touched, penalty, key,
    );
  }
  return moved;
}

/**
 * Active vertices at `from` to `to` of `order` take the label of greatest
 *
 *   weight to its vertices  -  penalty * strength(v) * strength of its other vertices,
 *
 * which is the change of modularity times a constant when `penalty` is the resolution over the sum of all strengths.
 * Their own label stays unless another is better by more than rounding; of equally good ones a hash decides. What moves
 * makes its neighbours active. `sums` is zero before and after; `touched` has a slot more than there are labels; `volumes` are the strengths by label, kept up to date.
 */
export function moveVertices(
  from: u32,
  to: u32,
  order: usize,
  active: usize,
  offsets: usize,
  neighbours: usize,
  weights: usize,
  labels: usize,
  strengths: usize,
  volumes: usize,
  sums: usize,
  touched: usize,
  penalty: f64,
  key: u32,
): u32 {
  let moved: u32 = 0;
  for (let turn = from; turn < to; turn++) {
    const vertex = u32At(order, turn);
    if (u32At(active, vertex) == 0) continue;
    setU32(active, vertex, 0);
    const begin = u32At(offsets, vertex);
    const end = u32At(offsets, vertex + 1);
    let touches: u32 = 0;
    for (let arc = begin; arc < end; arc++) {
      const label = u32At(labels, u32At(neighbours, arc));
      const sum = f64At(sums, label);
      // To note every label, the next one over it, costs less than a branch that is taken at random.
      setU32(touched, touches, label);
      touches += <u32>(sum == 0);
      setF64(sums, label, sum + f64At(weights, arc));
    }
    if (!chooseLabel(vertex, touches, labels, strengths, volumes, sums, touched, penalty, key)) continue;
    moved++;
    const label = u32At(labels, vertex);
    for (let arc = begin; arc < end; arc++) {
      const other = u32At(neighbours, arc);
      if (u32At(labels, other) != label) setU32(active, other, 1);
    }
  }
  return moved;
}

/** Gives a vertex the best of the touched labels, and clears their sums. Returns whether its label changed. */
// @ts-ignore: decorator
@inline
export function chooseLabel(
  vertex: u32,
  touches: u32,
  labels: usize,
  strengths: usize,
  volumes: usize,
  sums: usize,
  touched: usize,
  penalty: f64,
  key: u32,
): bool {
  const own = u32At(labels, vertex);
  const strength = f64At(strengths, vertex);
  const factor = penalty * strength;
  const kept = f64At(sums, own) - factor * (f64At(volumes, own) - strength);
  let best = own;
  let most = kept + GAIN_MIN * strength;
  for (let i: u32 = 0; i < touches; i++) {
    const label = u32At(touched, i);
    const score = f64At(sums, label) - factor * f64At(volumes, label);
    setF64(sums, label, 0);
    if (label == own || score < most) continue;
    if (score == most && (best == own || mix(label ^ key) < mix(best ^ key))) continue;
    best = label;
    most = score;
  }
  if (best == own) return false;
  setU32(labels, vertex, best);
  setF64(volumes, own, f64At(volumes, own) - strength);
  setF64(volumes, best, f64At(volumes, best) + strength);
  return true;
}
