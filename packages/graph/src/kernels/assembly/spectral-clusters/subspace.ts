import { f64At, setF64, u32At } from '../array';
import { mix } from '../hash';

const BLOCK_HYPEREDGES: u32 = 2048;

/** Fills rows of `width` numbers with hashes between -0.5 and 0.5; rows of vertices without hyperedges with 0. */
export function fillRandom(rows: usize, scales: usize, vertexCount: u32, width: u32, key: u32): void {
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const isOut = f64At(scales, vertex) == 0;
    for (let column: u32 = 0; column < width; column++) {
      const place = vertex * width + column;
      setF64(rows, place, isOut ? 0 : <f64>mix(key + place) / 4294967296.0 - 0.5);
    }
  }
}

/**
 * target = D^-1/2 H E^-1 H' D^-1/2 source for rows of `width` numbers, where `scales` is D^-1/2: one minus the normalised
 * Laplacian of Zhou, Huang and Schoelkopf. `sums` has `width` slots.
 */
export function applyWalk(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  scales: usize,
  width: u32,
  source: usize,
  target: usize,
  sums: usize,
): void {
  memory.fill(target, 0, (<usize>vertexCount * <usize>width) << 3);
  for (let from: u32 = 0; from < hyperedgeCount; from += BLOCK_HYPEREDGES) {
    const to = min(from + BLOCK_HYPEREDGES, hyperedgeCount);
    walkHyperedges(from, to, edgeOffsets, edgeMembers, scales, width, source, target, sums);
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
  target: usize,
  sums: usize,
): void {
  for (let hyperedge = from; hyperedge < to; hyperedge++) {
    const first = u32At(edgeOffsets, hyperedge);
    const last = u32At(edgeOffsets, hyperedge + 1);
    if (first == last) continue;
    for (let column: u32 = 0; column < width; column++) setF64(sums, column, 0);
    for (let i = first; i < last; i++) {
      const vertex = u32At(edgeMembers, i);
      const scale = f64At(scales, vertex);
      for (let column: u32 = 0; column < width; column++) {
        setF64(sums, column, f64At(sums, column) + scale * f64At(source, vertex * width + column));
      }
    }
    const share = 1.0 / <f64>(last - first);
    for (let i = first; i < last; i++) {
      const vertex = u32At(edgeMembers, i);
      const scale = share * f64At(scales, vertex);
      for (let column: u32 = 0; column < width; column++) {
        const place = vertex * width + column;
        setF64(target, place, f64At(target, place) + scale * f64At(sums, column));
      }
    }
  }
}

/** Product of two columns, possibly of different rows. */
export function columnProduct(one: usize, a: u32, other: usize, b: u32, vertexCount: u32, width: u32): f64 {
  let sum: f64 = 0;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    sum += f64At(one, vertex * width + a) * f64At(other, vertex * width + b);
  }
  return sum;
}

/** Makes columns orthonormal, one after the other (Gram and Schmidt); one that vanishes becomes 0. */
export function orthonormalise(rows: usize, vertexCount: u32, width: u32): void {
  for (let column: u32 = 0; column < width; column++) {
    const before = columnProduct(rows, column, rows, column, vertexCount, width);
    // Twice is enough: what rounding leaves of the other columns goes the second time.
    for (let time: u32 = 0; time < 2; time++) {
      for (let other: u32 = 0; other < column; other++) {
        const product = columnProduct(rows, column, rows, other, vertexCount, width);
        for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
          const place = vertex * width + column;
          setF64(rows, place, f64At(rows, place) - product * f64At(rows, vertex * width + other));
        }
      }
    }
    const square = columnProduct(rows, column, rows, column, vertexCount, width);
    const scale = square > 1e-24 * before && square > 0 ? 1 / sqrt(square) : 0;
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
      const place = vertex * width + column;
      setF64(rows, place, scale * f64At(rows, place));
    }
  }
}

/**
 * Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations: afterwards the diagonal of `matrix` has
 * the values and the columns of `vectors` the vectors, not in order.
 */
export function diagonalise(matrix: usize, vectors: usize, width: u32): void {
  for (let i: u32 = 0; i < width; i++) {
    for (let j: u32 = 0; j < width; j++) setF64(vectors, i * width + j, i == j ? 1 : 0);
  }
  for (let sweep: u32 = 0; sweep < 50; sweep++) {
    let outside: f64 = 0;
    for (let i: u32 = 0; i < width; i++) {
      for (let j = i + 1; j < width; j++) {
        const entry = f64At(matrix, i * width + j);
        outside += entry * entry;
        if (entry != 0) rotate(matrix, vectors, width, i, j, entry);
      }
    }
    if (outside < 1e-26) break;
  }
}

function rotate(matrix: usize, vectors: usize, width: u32, i: u32, j: u32, entry: f64): void {
  const theta = (f64At(matrix, j * width + j) - f64At(matrix, i * width + i)) / (2 * entry);
  const t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + sqrt(theta * theta + 1));
  const c = 1 / sqrt(t * t + 1);
  const s = t * c;
  for (let k: u32 = 0; k < width; k++) {
    const a = f64At(matrix, k * width + i);
    const b = f64At(matrix, k * width + j);
    setF64(matrix, k * width + i, c * a - s * b);
    setF64(matrix, k * width + j, s * a + c * b);
  }
  for (let k: u32 = 0; k < width; k++) {
    const a = f64At(matrix, i * width + k);
    const b = f64At(matrix, j * width + k);
    setF64(matrix, i * width + k, c * a - s * b);
    setF64(matrix, j * width + k, s * a + c * b);
    const x = f64At(vectors, k * width + i);
    const y = f64At(vectors, k * width + j);
    setF64(vectors, k * width + i, c * x - s * y);
    setF64(vectors, k * width + j, s * x + c * y);
  }
}
