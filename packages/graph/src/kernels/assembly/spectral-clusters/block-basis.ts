import { f64At, setF64 } from '../array';
import { mix } from '../hash';

/** Rows per call of inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_ROWS: u32 = 256;

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
 * Takes out of the `width` columns of `block` what lies in the first `filled` columns of `basis`: `products` gets basis' block,
 * a row per column of the basis, and block becomes block - basis products. `rowCount`, `filled` and `width` are multiples
 * of 4; rows of the basis begin `stride` numbers apart.
 */
export function project(
  basis: usize,
  stride: u32,
  filled: u32,
  block: usize,
  width: u32,
  rowCount: u32,
  products: usize,
): void {
  memory.fill(products, 0, (<usize>filled * <usize>width) << 3);
  for (let from: u32 = 0; from < rowCount; from += BLOCK_ROWS) {
    addProductsOfRows(from, min(from + BLOCK_ROWS, rowCount), basis, stride, filled, block, width, products);
  }
  for (let from: u32 = 0; from < rowCount; from += BLOCK_ROWS) {
    subtractFromRows(from, min(from + BLOCK_ROWS, rowCount), basis, stride, filled, block, width, products);
  }
}

/** Four rows at a time, so that products are read and written a quarter as often. */
export function addProductsOfRows(
  from: u32,
  to: u32,
  basis: usize,
  stride: u32,
  filled: u32,
  block: usize,
  width: u32,
  products: usize,
): void {
  const rowBytes = <usize>width << 3;
  const strideBytes = <usize>stride << 3;
  for (let row = from; row < to; row += 4) {
    const one = basis + <usize>row * strideBytes;
    const a = block + <usize>row * rowBytes;
    const b = a + rowBytes;
    const c = b + rowBytes;
    const d = c + rowBytes;
    for (let column: u32 = 0; column < filled; column++) {
      const first = one + (<usize>column << 3);
      const w = f64x2.splat(load<f64>(first));
      const x = f64x2.splat(load<f64>(first + strideBytes));
      const y = f64x2.splat(load<f64>(first + 2 * strideBytes));
      const z = f64x2.splat(load<f64>(first + 3 * strideBytes));
      const target = products + <usize>column * rowBytes;
      for (let at: usize = 0; at < rowBytes; at += 16) {
        const near = f64x2.add(f64x2.mul(w, v128.load(a + at)), f64x2.mul(x, v128.load(b + at)));
        const far = f64x2.add(f64x2.mul(y, v128.load(c + at)), f64x2.mul(z, v128.load(d + at)));
        v128.store(target + at, f64x2.add(v128.load(target + at), f64x2.add(near, far)));
      }
    }
  }
}

export function subtractFromRows(
  from: u32,
  to: u32,
  basis: usize,
  stride: u32,
  filled: u32,
  block: usize,
  width: u32,
  products: usize,
): void {
  const rowBytes = <usize>width << 3;
  for (let row = from; row < to; row++) {
    const target = block + <usize>row * rowBytes;
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const sum = combined(basis + ((<usize>row * <usize>stride) << 3), filled, products + at, rowBytes);
      v128.store(target + at, f64x2.sub(v128.load(target + at), sum));
    }
  }
}

/** The sum of two neighbouring columns of a matrix, each row times a number of `numbers`. `count` is a multiple of 4. */
// @ts-ignore: decorator
@inline
function combined(numbers: usize, count: u32, matrix: usize, rowBytes: usize): v128 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  const end = numbers + (<usize>count << 3);
  let place = matrix;
  for (let number = numbers; number < end; number += 32) {
    even = f64x2.add(even, f64x2.mul(f64x2.splat(load<f64>(number)), v128.load(place)));
    odd = f64x2.add(odd, f64x2.mul(f64x2.splat(load<f64>(number, 8)), v128.load(place + rowBytes)));
    place += 2 * rowBytes;
    even = f64x2.add(even, f64x2.mul(f64x2.splat(load<f64>(number, 16)), v128.load(place)));
    odd = f64x2.add(odd, f64x2.mul(f64x2.splat(load<f64>(number, 24)), v128.load(place + rowBytes)));
    place += 2 * rowBytes;
  }
  return f64x2.add(even, odd);
}

/**
 * Makes the columns of `block` orthonormal, one after the other, each twice (Gram and Schmidt): block before = block after times
 * `factor`, an upper triangle of `width` rows. A column of which less than `least` is left becomes 0.
 */
export function orthonormalise(block: usize, width: u32, rowCount: u32, least: f64, factor: usize): void {
  memory.fill(factor, 0, (<usize>width * <usize>width) << 3);
  // The last row is filled last: until then it serves for the products of one column.
  const products = factor + ((<usize>(width - 1) * <usize>width) << 3);
  for (let column: u32 = 0; column < width; column++) {
    for (let time: u32 = 0; time < 2 && column > 0; time++) {
      memory.fill(products, 0, <usize>column << 3);
      for (let from: u32 = 0; from < rowCount; from += BLOCK_ROWS) {
        addProductsOfColumn(from, min(from + BLOCK_ROWS, rowCount), block, width, column, products);
      }
      for (let from: u32 = 0; from < rowCount; from += BLOCK_ROWS) {
        subtractFromColumn(from, min(from + BLOCK_ROWS, rowCount), block, width, column, products);
      }
      for (let other: u32 = 0; other < column; other++) {
        const place = other * width + column;
        setF64(factor, place, f64At(factor, place) + f64At(products, other));
      }
    }
    memory.fill(products, 0, <usize>column << 3);
    let square: f64 = 0;
    for (let row: u32 = 0; row < rowCount; row++) {
      const number = f64At(block, row * width + column);
      square += number * number;
    }
    const length = sqrt(square);
    const isKept = length > least;
    setF64(factor, column * width + column, isKept ? length : 0);
    const scale = isKept ? 1 / length : 0;
    for (let row: u32 = 0; row < rowCount; row++) {
      const place = row * width + column;
      setF64(block, place, scale * f64At(block, place));
    }
  }
}

export function addProductsOfColumn(
  from: u32,
  to: u32,
  block: usize,
  width: u32,
  column: u32,
  products: usize,
): void {
  for (let row = from; row < to; row++) {
    const own = f64At(block, row * width + column);
    for (let other: u32 = 0; other < column; other++) {
      setF64(products, other, f64At(products, other) + own * f64At(block, row * width + other));
    }
  }
}

export function subtractFromColumn(
  from: u32,
  to: u32,
  block: usize,
  width: u32,
  column: u32,
  products: usize,
): void {
  for (let row = from; row < to; row++) {
    let sum: f64 = 0;
    for (let other: u32 = 0; other < column; other++) {
      sum += f64At(products, other) * f64At(block, row * width + other);
    }
    setF64(block, row * width + column, f64At(block, row * width + column) - sum);
  }
}

/** Copies the columns of `block` into those of `basis` from `column` on. */
export function appendBlock(
  basis: usize,
  stride: u32,
  column: u32,
  block: usize,
  width: u32,
  rowCount: u32,
): void {
  const bytes = <usize>width << 3;
  for (let row: u32 = 0; row < rowCount; row++) {
    const target = basis + ((<usize>row * <usize>stride + <usize>column) << 3);
    memory.copy(target, block + <usize>row * bytes, bytes);
  }
}

/**
 * The first `filled` columns of `basis` times `matrix`, of `filled` rows of `width` numbers, into rows of `target` that begin
 * `targetStride` numbers apart. `target` may be the basis itself. `row` has `width` slots.
 */
export function rotateColumns(
  basis: usize,
  stride: u32,
  filled: u32,
  matrix: usize,
  width: u32,
  rowCount: u32,
  target: usize,
  targetStride: u32,
  row: usize,
): void {
  for (let from: u32 = 0; from < rowCount; from += BLOCK_ROWS) {
    const to = min(from + BLOCK_ROWS, rowCount);
    rotateRows(from, to, basis, stride, filled, matrix, width, target, targetStride, row);
  }
}

export function rotateRows(
  from: u32,
  to: u32,
  basis: usize,
  stride: u32,
  filled: u32,
  matrix: usize,
  width: u32,
  target: usize,
  targetStride: u32,
  row: usize,
): void {
  const rowBytes = <usize>width << 3;
  for (let each = from; each < to; each++) {
    const numbers = basis + ((<usize>each * <usize>stride) << 3);
    for (let at: usize = 0; at < rowBytes; at += 16) {
      v128.store(row + at, combined(numbers, filled, matrix + at, rowBytes));
    }
    memory.copy(target + ((<usize>each * <usize>targetStride) << 3), row, rowBytes);
  }
}
