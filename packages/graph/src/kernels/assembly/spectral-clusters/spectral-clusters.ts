import { NONE, f64At, setF64, setU32, u32At } from '../array';
import { mix } from '../hash';
import { requireIncidence } from '../incidence';
import { clusterRows } from './k-means';
import { applyWalk, columnProduct, diagonalise, fillRandom, orthonormalise } from './subspace';

/**
 * Spectral clustering: rows of the `k` leading eigenvectors of D^-1/2 H E^-1 H' D^-1/2, of length 1, clustered by k-means.
 * `labels[v]` is the smallest vertex of v's cluster; a vertex without hyperedges is alone. `eigenvalues` are the k largest,
 * falling. Orthogonal iteration on `width` vectors, k or more, until the sum of their Rayleigh quotients changes by less
 * than `tolerance`. Returns the number of iterations. `rows` and `image` have `width` numbers per vertex, `small` has
 * 2 * width * width + 2 * width. Zhou, Huang and Schoelkopf (NIPS 2006); Ng, Jordan and Weiss (NIPS 2001).
 */
export function spectralClusters(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  k: u32,
  width: u32,
  seed: u32,
  tolerance: f64,
  iterationsMax: u32,
  numberCount: u32,
  smallCount: u32,
  labels: usize,
  labelsLength: u32,
  eigenvalues: usize,
  eigenvaluesLength: u32,
  change: usize,
  changeLength: u32,
  scales: usize,
  isOut: usize,
  trial: usize,
  rows: usize,
  image: usize,
  small: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  const wanted = <u64>vertexCount * <u64>width;
  if (k == 0 || width < k || <u64>numberCount < wanted) unreachable();
  if (<u64>smallCount < 2 * <u64>width * <u64>width + 2 * <u64>width) unreachable();
  const hyperedgeCount = edgeOffsetsLength - 1;
  scaleVertices(edgeMembers, edgeMembersLength, vertexCount, scales, isOut);
  const sums = small;
  const matrix = small + (<usize>width << 3);
  const vectors = matrix + ((<usize>width * <usize>width) << 3);
  const order = vectors + ((<usize>width * <usize>width) << 3);
  fillRandom(rows, scales, vertexCount, width, mix(seed));
  orthonormalise(rows, vertexCount, width);
  let iteration: u32 = 0;
  let before: f64 = 0;
  while (iteration < iterationsMax) {
    iteration++;
    applyWalk(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, scales, width, rows, image, sums);
    let sum: f64 = 0;
    for (let column: u32 = 0; column < width; column++) sum += columnProduct(rows, column, image, column, vertexCount, width);
    memory.copy(rows, image, (<usize>vertexCount * <usize>width) << 3);
    orthonormalise(rows, vertexCount, width);
    setF64(change, 0, abs(sum - before));
    if (abs(sum - before) < tolerance) break;
    before = sum;
  }
  applyWalk(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, scales, width, rows, image, sums);
  for (let i: u32 = 0; i < width; i++) {
    for (let j: u32 = 0; j < width; j++) {
      setF64(matrix, i * width + j, columnProduct(rows, min(i, j), image, max(i, j), vertexCount, width));
    }
  }
  diagonalise(matrix, vectors, width);
  chooseLargest(matrix, width, k, eigenvalues, order);
  // Into `image`, which then has k numbers per vertex.
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) embed(vertex, rows, vectors, order, width, k, image);
  clusterRows(image, isOut, vertexCount, k, mix(seed + 1), labels, trial, scales, rows, order);
  nameClusters(vertexCount, k, labels, order);
  return iteration;
}

function scaleVertices(edgeMembers: usize, memberCount: u32, vertexCount: u32, scales: usize, isOut: usize): void {
  for (let i: u32 = 0; i < memberCount; i++) {
    const vertex = u32At(edgeMembers, i);
    setF64(scales, vertex, f64At(scales, vertex) + 1);
  }
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const degree = f64At(scales, vertex);
    setU32(isOut, vertex, <u32>(degree == 0));
    if (degree > 0) setF64(scales, vertex, 1 / sqrt(degree));
  }
}

/** The columns of the k largest values on the diagonal, largest first. */
function chooseLargest(matrix: usize, width: u32, k: u32, eigenvalues: usize, order: usize): void {
  for (let place: u32 = 0; place < k; place++) {
    let best: u32 = NONE;
    for (let column: u32 = 0; column < width; column++) {
      let isTaken = false;
      for (let i: u32 = 0; i < place; i++) if (u32At(order, i) == column) isTaken = true;
      const value = f64At(matrix, column * width + column);
      if (!isTaken && (best == NONE || value > f64At(matrix, best * width + best))) best = column;
    }
    setU32(order, place, best);
    setF64(eigenvalues, place, f64At(matrix, best * width + best));
  }
}

/** The row of a vertex in the leading eigenvectors, of length 1; of 0 where it has none. */
function embed(vertex: u32, rows: usize, vectors: usize, order: usize, width: u32, k: u32, target: usize): void {
  let square: f64 = 0;
  for (let i: u32 = 0; i < k; i++) {
    const column = u32At(order, i);
    let sum: f64 = 0;
    for (let j: u32 = 0; j < width; j++) sum += f64At(rows, vertex * width + j) * f64At(vectors, j * width + column);
    setF64(target, vertex * k + i, sum);
    square += sum * sum;
  }
  const scale = square > 0 ? 1 / sqrt(square) : 0;
  for (let i: u32 = 0; i < k; i++) setF64(target, vertex * k + i, scale * f64At(target, vertex * k + i));
}

function nameClusters(vertexCount: u32, k: u32, labels: usize, names: usize): void {
  for (let cluster: u32 = 0; cluster < k; cluster++) setU32(names, cluster, NONE);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const cluster = u32At(labels, vertex);
    if (cluster == NONE) {
      setU32(labels, vertex, vertex);
      continue;
    }
    if (u32At(names, cluster) == NONE) setU32(names, cluster, vertex);
    setU32(labels, vertex, u32At(names, cluster));
  }
}
