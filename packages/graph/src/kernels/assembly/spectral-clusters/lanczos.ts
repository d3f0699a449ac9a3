import { NONE, f64At, setF64, setU32, u32At } from '../array';
import { appendBlock, fillRandom, orthonormalise, project, rotateColumns } from './block-basis';
import { symmetricEigen } from './symmetric-eigen';
import { applyWalk } from './walk';

/** A column of a new block is dropped when less than this is left of it: what is left is rounding. */
const LENGTH_MIN: f64 = 1e-14;
/** The same when it is made orthogonal again, of what had length 1. */
const LENGTH_MIN_AGAIN: f64 = 1e-4;
/** Stands for the eigenvalue of a dropped column: less than any that there is. */
const DROPPED: f64 = -1;

/** Numbers of working memory that `leadingVectors` takes. */
export function smallRoom(width: u32, basisSize: u32): u64 {
  const size = <u64>basisSize;
  return 2 * size * size + 4 * size + 3 * size * <u64>width + 3 * <u64>width * <u64>width + <u64>width;
}

/**
 * The `wanted` largest eigenvalues of D^-1/2 H E^-1 H' D^-1/2 and their eigenvectors, by Lanczos' method with blocks and thick
 * restarts: products with the last block, made orthogonal to all columns there are, twice, become the next block; when
 * `basisSize` columns are there, the `width` best vectors in their span and the last block stay. It ends when no residual
 * |A x - value x| of the wanted is `tolerance` or more, or after `productsMax` products with a block. As blocks have as many columns as are wanted
 * or more, eigenvalues are found as often as they occur.
 *
 * `basis` has rows of `basisSize` numbers, `block` of `width`, both multiples of 4, for `rowCount` rows, the vertices and up to 3
 * of zeros, so that they are a multiple of 4. Afterwards `block` has the wanted vectors and others, largest value first, `values`
 * the `width` values, and `residual[0]` the largest residual. Returns the number of products. Golub and Underwood, "The block
 * Lanczos method for computing eigenvalues", Mathematical Software III (1977); Wu and Simon, "Thick-restart Lanczos method for
 * large symmetric eigenvalue problems", SIAM J. Matrix Anal. Appl. 22 (2000); orthogonal twice: Barlow and Smoktunowicz,
 * Numer. Math. 123 (2013).
 */
export function leadingVectors(
  edgeOffsets: usize,
  edgeMembers: usize,
  hyperedgeCount: u32,
  vertexCount: u32,
  rowCount: u32,
  scales: usize,
  wanted: u32,
  width: u32,
  basisSize: u32,
  key: u32,
  tolerance: f64,
  productsMax: u32,
  basis: usize,
  block: usize,
  values: usize,
  order: usize,
  residual: usize,
  small: usize,
): u32 {
  const squareBytes = (<usize>basisSize * <usize>basisSize) << 3;
  const columnBytes = (<usize>basisSize * <usize>width) << 3;
  const triangleBytes = (<usize>width * <usize>width) << 3;
  const projected = small;
  const eigenvectors = projected + squareBytes;
  const eigenvalues = eigenvectors + squareBytes;
  const beside = eigenvalues + (<usize>basisSize << 3);
  const scratch = beside + (<usize>basisSize << 3);
  const dropped = scratch + (<usize>basisSize << 3);
  const products = dropped + (<usize>basisSize << 3);
  const again = products + columnBytes;
  const chosen = again + columnBytes;
  const triangle = chosen + columnBytes;
  const triangleAgain = triangle + triangleBytes;
  const factor = triangleAgain + triangleBytes;
  const row = factor + triangleBytes;

  fillRandom(block, scales, vertexCount, width, key);
  orthonormalise(block, width, rowCount, LENGTH_MIN, triangle);
  orthonormalise(block, width, rowCount, LENGTH_MIN_AGAIN, factor);
  appendBlock(basis, basisSize, 0, block, width, rowCount);
  markDropped(factor, width, dropped, 0);
  let filled = width;
  let count: u32 = 0;
  for (;;) {
    count++;
    const last = filled - width;
    const source = basis + (<usize>last << 3);
    applyWalk(edgeOffsets, edgeMembers, hyperedgeCount, vertexCount, scales, width, source, basisSize, block, row);
    project(basis, basisSize, filled, block, width, rowCount, products);
    orthonormalise(block, width, rowCount, LENGTH_MIN, triangle);
    project(basis, basisSize, filled, block, width, rowCount, again);
    orthonormalise(block, width, rowCount, LENGTH_MIN_AGAIN, triangleAgain);
    addProduct(again, filled, triangle, width, products);
    keepColumns(products, width, filled, basisSize, dropped, projected);
    multiply(triangleAgain, triangle, width, factor);
    const isExhausted = isZero(triangleAgain, width);
    if (!isExhausted && filled + width <= basisSize && count < productsMax) {
      appendBlock(basis, basisSize, filled, block, width, rowCount);
      markDropped(triangleAgain, width, dropped, filled);
      filled += width;
      continue;
    }
    packRows(projected, basisSize, filled);
    symmetricEigen(projected, filled, eigenvalues, eigenvectors, beside, scratch);
    chooseLargest(eigenvalues, filled, width, values, order);
    gatherColumns(eigenvectors, filled, width, order, chosen);
    const most = largestResidual(factor, chosen + ((<usize>last * <usize>width) << 3), width, wanted);
    setF64(residual, 0, most);
    if (most < tolerance || isExhausted || count >= productsMax) break;
    rotateColumns(basis, basisSize, filled, chosen, width, rowCount, basis, basisSize, row);
    appendBlock(basis, basisSize, width, block, width, rowCount);
    restart(projected, basisSize, width, values, dropped);
    markDropped(triangleAgain, width, dropped, width);
    filled = 2 * width;
  }
  rotateColumns(basis, basisSize, filled, chosen, width, rowCount, block, width, row);
  return count;
}

function markDropped(triangle: usize, width: u32, dropped: usize, from: u32): void {
  for (let column: u32 = 0; column < width; column++) {
    setF64(dropped, from + column, f64At(triangle, column * width + column) == 0 ? 1 : 0);
  }
}

/** Adds `left`, of `count` rows of `width` numbers, times `right`, of `width` rows, to `sums`. */
function addProduct(left: usize, count: u32, right: usize, width: u32, sums: usize): void {
  for (let row: u32 = 0; row < count; row++) {
    for (let column: u32 = 0; column < width; column++) {
      let sum: f64 = 0;
      for (let i: u32 = 0; i <= column; i++) sum += f64At(left, row * width + i) * f64At(right, i * width + column);
      setF64(sums, row * width + column, f64At(sums, row * width + column) + sum);
    }
  }
}

/** The product of two upper triangles. */
function multiply(left: usize, right: usize, width: u32, target: usize): void {
  memory.fill(target, 0, (<usize>width * <usize>width) << 3);
  addProduct(left, width, right, width, target);
}

function isZero(triangle: usize, width: u32): bool {
  for (let column: u32 = 0; column < width; column++) {
    if (f64At(triangle, column * width + column) != 0) return false;
  }
  return true;
}

/** Enters products of all columns with the last block into the projected matrix, in both its halves. */
function keepColumns(
  products: usize,
  width: u32,
  filled: u32,
  basisSize: u32,
  dropped: usize,
  projected: usize,
): void {
  const last = filled - width;
  for (let column: u32 = 0; column < width; column++) {
    for (let row: u32 = 0; row < filled; row++) {
      let entry = f64At(products, row * width + column);
      // Of the last block with itself both halves were computed.
      if (row >= last) entry = 0.5 * (entry + f64At(products, (last + column) * width + row - last));
      setF64(projected, row * basisSize + last + column, entry);
      setF64(projected, (last + column) * basisSize + row, entry);
    }
  }
  for (let column = last; column < filled; column++) {
    if (f64At(dropped, column) != 0) setF64(projected, column * basisSize + column, DROPPED);
  }
}

/** Moves the first `size` numbers of as many rows together. */
function packRows(matrix: usize, stride: u32, size: u32): void {
  for (let row: u32 = 1; row < size && size < stride; row++) {
    memory.copy(matrix + ((<usize>row * <usize>size) << 3), matrix + ((<usize>row * <usize>stride) << 3), <usize>size << 3);
  }
}

/** The `width` largest of `count` values, falling, and where they are. */
function chooseLargest(all: usize, count: u32, width: u32, values: usize, order: usize): void {
  for (let place: u32 = 0; place < width; place++) {
    let best: u32 = NONE;
    for (let i: u32 = 0; i < count; i++) {
      const value = f64At(all, i);
      if (value > -Infinity && (best == NONE || value > f64At(all, best))) best = i;
    }
    setU32(order, place, best);
    setF64(values, place, f64At(all, best));
    setF64(all, best, -Infinity);
  }
}

/** Rows of eigenvectors, in `order`, as columns of a matrix of `filled` rows of `width` numbers. */
function gatherColumns(eigenvectors: usize, filled: u32, width: u32, order: usize, target: usize): void {
  for (let column: u32 = 0; column < width; column++) {
    const row = u32At(order, column) * filled;
    for (let i: u32 = 0; i < filled; i++) setF64(target, i * width + column, f64At(eigenvectors, row + i));
  }
}

/** What is left of the wanted vectors outside of the basis: the next block's factor times their last places. */
function largestResidual(factor: usize, lastPlaces: usize, width: u32, wanted: u32): f64 {
  let most: f64 = 0;
  for (let column: u32 = 0; column < wanted; column++) {
    let square: f64 = 0;
    for (let row: u32 = 0; row < width; row++) {
      let sum: f64 = 0;
      for (let i = row; i < width; i++) sum += f64At(factor, row * width + i) * f64At(lastPlaces, i * width + column);
      square += sum * sum;
    }
    most = max(most, sqrt(square));
  }
  return most;
}

/** The projected matrix of the vectors that stay: their values. */
function restart(projected: usize, basisSize: u32, width: u32, values: usize, dropped: usize): void {
  memory.fill(projected, 0, (<usize>basisSize * <usize>basisSize) << 3);
  for (let i: u32 = 0; i < width; i++) {
    const value = f64At(values, i);
    setF64(projected, i * basisSize + i, value);
    setF64(dropped, i, value < 0.5 * DROPPED ? 1 : 0);
  }
}
