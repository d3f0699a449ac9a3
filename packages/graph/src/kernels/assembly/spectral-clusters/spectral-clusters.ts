import { NONE, f64At, setF64, setU32, u32At } from '../array';
import { mix } from '../hash';
import { requireIncidence } from '../incidence';
import { clusterRows } from './k-means';
import { leadingVectors, smallRoom } from './lanczos';
import { scaleVertices } from './walk';

/**
 * Spectral clustering: rows of the `k` leading eigenvectors of D^-1/2 H E^-1 H' D^-1/2, of length 1, clustered by k-means.
 * `labels[v]` is the smallest vertex of v's cluster; a vertex without hyperedges is alone. `eigenvalues` are the k largest,
 * falling, `residual[0]` the largest residual of their vectors. Returns the number of products with a block (see
 * `leadingVectors`). `width`, more than k, and `basisSize`, twice that or more, are multiples of 4. `rows` has `basisSize`
 * numbers for each vertex, and for up to 3 more so that they are a multiple of 4, `image` has `width`. Zhou, Huang and
 * Schoelkopf (NIPS 2006); Ng, Jordan and Weiss (NIPS 2001).
 */
export function spectralClusters(
  edgeOffsets: usize,
  edgeOffsetsLength: u32,
  edgeMembers: usize,
  edgeMembersLength: u32,
  vertexCount: u32,
  k: u32,
  width: u32,
  basisSize: u32,
  seed: u32,
  tolerance: f64,
  iterationsMax: u32,
  rowNumbers: u32,
  imageNumbers: u32,
  smallNumbers: u32,
  labels: usize,
  labelsLength: u32,
  eigenvalues: usize,
  eigenvaluesLength: u32,
  residual: usize,
  residualLength: u32,
  scales: usize,
  isOut: usize,
  trial: usize,
  rows: usize,
  image: usize,
  values: usize,
  order: usize,
  small: usize,
): u32 {
  requireIncidence(edgeOffsets, edgeOffsetsLength, edgeMembers, edgeMembersLength, vertexCount);
  if (k == 0 || width <= k || (width & 3) != 0 || (basisSize & 3) != 0 || basisSize < 2 * width) unreachable();
  const rowCount = (vertexCount + 3) & ~3;
  if (rowCount < vertexCount || <u64>rowCount * <u64>basisSize > <u64>rowNumbers) unreachable();
  if (<u64>rowCount * <u64>width > <u64>imageNumbers || smallRoom(width, basisSize) > <u64>smallNumbers) unreachable();
  if (k > vertexCount || eigenvaluesLength < k) unreachable();
  scaleVertices(edgeMembers, edgeMembersLength, vertexCount, scales, isOut);
  const count = leadingVectors(
    edgeOffsets, edgeMembers, edgeOffsetsLength - 1, vertexCount, rowCount, scales, k, width, basisSize, mix(seed),
    tolerance, iterationsMax, rows, image, values, order, residual, small,
  );
  memory.copy(eigenvalues, values, <usize>k << 3);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) embed(vertex, image, width, k);
  clusterRows(image, isOut, vertexCount, k, mix(seed + 1), labels, trial, scales, rows, order);
  nameClusters(vertexCount, k, labels, order);
  return count;
}

/** The row of a vertex in the leading eigenvectors, of length 1, or of 0 where it has none: k numbers where there were `width`. */
function embed(vertex: u32, image: usize, width: u32, k: u32): void {
  let square: f64 = 0;
  for (let i: u32 = 0; i < k; i++) {
    const number = f64At(image, vertex * width + i);
    square += number * number;
  }
  const scale = square > 0 ? 1 / sqrt(square) : 0;
  for (let i: u32 = 0; i < k; i++) setF64(image, vertex * k + i, scale * f64At(image, vertex * width + i));
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
