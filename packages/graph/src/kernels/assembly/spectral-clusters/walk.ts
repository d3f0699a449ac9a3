import { f64At, setF64, u32At } from '../array';

const BLOCK_HYPEREDGES: u32 = 2048;

/**
 * target = D^-1/2 H E^-1 H' D^-1/2 source for rows of `width` numbers, an even count, where `scales` is D^-1/2: one minus the
 * normalised Laplacian of Zhou, Huang and Schoelkopf. Rows of the source begin `stride` numbers apart, those of the target
 * `width`. `sums` has `width` slots.
 */
export function applyWalk(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  scales: usize,
  width: u32,
  source: usize,
  stride: u32,
  target: usize,
  sums: usize,
): void {
  memory.fill(target, 0, (<usize>vertexCount * <usize>width) << 3);
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, hyperedgeCount);
    walkHyperedges(from, to, edgeOffsets, edgeMembers, scales, width, source, stride, target, sums);
  }
}

export function walkHyperedges(
  from: u32,
  to: u32,
  edgeOffsets: usize,
  edgeMembers: usize,
  scales: usize,
  width: u32,
  source: usize,
  stride: u32,
  target: usize,
  sums: usize,
): void {
  const rowBytes = <usize>width << 3;
  const strideBytes = <usize>stride << 3;
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const first = u32At(edgeOffsets, hyperedge);
    const last = u32At(edgeOffsets, hyperedge + 1);
    if (first == last) continue;
    memory.fill(sums, 0, rowBytes);
    for (let i = first; i < last; i++) {
      const vertex = u32At(edgeMembers, i);
      addScaled(sums, source + <usize>vertex * strideBytes, rowBytes, f64At(scales, vertex));
    }
    const share = 1.0 / <f64>(last - first);
    for (let i = first; i < last; i++) {
      const vertex = u32At(edgeMembers, i);
      addScaled(target + <usize>vertex * rowBytes, sums, rowBytes, share * f64At(scales, vertex));
    }
  }
}

/** Adds `factor` times a row to another. */
// @ts-ignore: decorator
@inline
function addScaled(target: usize, source: usize, rowBytes: usize, factor: f64): void {
  const factors = f64x2.splat(factor);
  for (let at: usize = 0; at < rowBytes; at += 16) {
    const added = f64x2.mul(factors, v128.load(source + at));
    v128.store(target + at, f64x2.add(v128.load(target + at), added));
  }
}

/** D^-1/2 by vertex, 0 for a vertex without hyperedges, which `isOut` marks. `scales` is zero before. */
export function scaleVertices(
  edgeMembers: usize,
  memberCount: u32,
  vertexCount: u32,
  scales: usize,
  isOut: usize,
): void {
  for (let i: u32 = 0; i < memberCount; i++) {
    const vertex = u32At(edgeMembers, i);
    setF64(scales, vertex, f64At(scales, vertex) + 1);
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const degree = f64At(scales, vertex);
    store<u32>(isOut + (<usize>vertex << 2), <u32>(degree == 0));
    if (degree > 0) setF64(scales, vertex, 1 / sqrt(degree));
  }
}
