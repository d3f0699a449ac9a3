import { NONE, f64At, setF64, setU32, u32At } from '../array';
import { mix } from '../hash';

const STARTS: u32 = 16;
const ROUNDS_MAX: u32 = 100;

/**
 * Clusters rows of `k` numbers: the best of 16 starts by k-means++ (Arthur and Vassilvitskii, SODA 2007), each improved by
 * Lloyd's rounds until nothing moves. Rows of 0 only, which `isOut` marks, stay out with the label NONE. `labels` are 0 to
 * k - 1; `trial`, `near`, `centers` and `sizes` are working memory.
 */
export function clusterRows(
  rows: usize,
  isOut: usize,
  vertexCount: u32,
  k: u32,
  key: u32,
  labels: usize,
  trial: usize,
  near: usize,
  centers: usize,
  sizes: usize,
): void {
  let best: f64 = Infinity;
  for (let start: u32 = 0; start < STARTS; start++) {
    seedCenters(rows, isOut, vertexCount, k, mix(key + start), near, centers);
    let spread: f64 = Infinity;
    for (let round: u32 = 0; round < ROUNDS_MAX; round++) {
      const next = assign(rows, isOut, vertexCount, k, trial, centers);
      if (!(next < spread)) break;
      spread = next;
      center(rows, isOut, vertexCount, k, trial, centers, sizes);
    }
    if (!(spread < best)) continue;
    best = spread;
    memory.copy(labels, trial, <usize>vertexCount << 2);
  }
}

function distance(rows: usize, vertex: u32, centers: usize, cluster: u32, k: u32): f64 {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < k; i++) {
    const difference = f64At(rows, vertex * k + i) - f64At(centers, cluster * k + i);
    sum += difference * difference;
  }
  return sum;
}

/** Each next center is a row chosen with a chance that grows with its squared distance to the nearest one so far. */
function seedCenters(
  rows: usize,
  isOut: usize,
  vertexCount: u32,
  k: u32,
  key: u32,
  near: usize,
  centers: usize,
): void {
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) setF64(near, vertex, u32At(isOut, vertex) != 0 ? 0 : 1);
  for (let cluster: u32 = 0; cluster < k; cluster++) {
    let total: f64 = 0;
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) total += f64At(near, vertex);
    let left = (<f64>mix(key + cluster) / 4294967296.0) * total;
    let chosen: u32 = NONE;
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
      if (u32At(isOut, vertex) != 0 || (total > 0 && f64At(near, vertex) == 0)) continue;
      chosen = vertex;
      left -= f64At(near, vertex);
      if (left < 0) break;
    }
    for (let i: u32 = 0; i < k; i++) setF64(centers, cluster * k + i, f64At(rows, chosen * k + i));
    for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
      if (u32At(isOut, vertex) != 0) continue;
      const square = distance(rows, vertex, centers, cluster, k);
      if (cluster == 0 || square < f64At(near, vertex)) setF64(near, vertex, square);
    }
  }
}

/** Labels every row by its nearest center. Returns the sum of the squared distances. */
function assign(rows: usize, isOut: usize, vertexCount: u32, k: u32, labels: usize, centers: usize): f64 {
  let sum: f64 = 0;
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    if (u32At(isOut, vertex) != 0) {
      setU32(labels, vertex, NONE);
      continue;
    }
    let least: f64 = Infinity;
    for (let cluster: u32 = 0; cluster < k; cluster++) {
      const square = distance(rows, vertex, centers, cluster, k);
      if (square >= least) continue;
      least = square;
      setU32(labels, vertex, cluster);
    }
    sum += least;
  }
  return sum;
}

/** Moves every center to the mean of its rows; one without rows stays. */
function center(
  rows: usize,
  isOut: usize,
  vertexCount: u32,
  k: u32,
  labels: usize,
  centers: usize,
  sizes: usize,
): void {
  for (let cluster: u32 = 0; cluster < k; cluster++) setU32(sizes, cluster, 0);
  for (let vertex: u32 = 0; vertex < vertexCount; vertex++) {
    const cluster = u32At(labels, vertex);
    if (u32At(isOut, vertex) != 0) continue;
    const size = u32At(sizes, cluster);
    for (let i: u32 = 0; i < k; i++) {
      const sum = size == 0 ? 0 : f64At(centers, cluster * k + i);
      setF64(centers, cluster * k + i, sum + f64At(rows, vertex * k + i));
    }
    setU32(sizes, cluster, size + 1);
  }
  for (let cluster: u32 = 0; cluster < k; cluster++) {
    const size = u32At(sizes, cluster);
    for (let i: u32 = 0; i < k && size > 0; i++) {
      setF64(centers, cluster * k + i, f64At(centers, cluster * k + i) / <f64>size);
    }
  }
}
