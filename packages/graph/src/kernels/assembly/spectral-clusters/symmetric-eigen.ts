import { f64At, setF64 } from '../array';

/** Rounding of numbers near 1: smaller entries beside the diagonal are taken for 0. */
const ROUNDING: f64 = 1.1102230246251565e-16;
/** Most steps per value: it takes two or three. */
const STEPS_MAX: u32 = 60;

/**
 * All eigenvalues and eigenvectors of a symmetric matrix of `size` rows: `values`, in no order, and row i of `vectors` for value
 * i. Householder's reflections make it tridiagonal, steps of the implicit QR method with Wilkinson's shift diagonal (Golub and
 * Van Loan, Matrix Computations, sections 8.3.1 and 8.3.5). `matrix` is used up; `beside` and `scratch` have `size` slots.
 */
export function symmetricEigen(
  matrix: usize,
  size: u32,
  values: usize,
  vectors: usize,
  beside: usize,
  scratch: usize,
): void {
  for (let column: u32 = 0; column + 1 < size; column++) {
    setF64(beside, column, reflect(matrix, size, column, scratch));
    setF64(values, column, f64At(matrix, column * size + column));
  }
  if (size > 0) setF64(values, size - 1, f64At(matrix, size * size - 1));
  gatherReflections(matrix, size, vectors, scratch);
  let most: f64 = 0;
  for (let i: u32 = 0; i < size; i++) {
    most = max(most, abs(f64At(values, i)));
    if (i + 1 < size) most = max(most, abs(f64At(beside, i)));
  }
  const least = ROUNDING * most;
  let last = size;
  for (let step: u32 = 0; last > 1 && step < STEPS_MAX * size; ) {
    if (abs(f64At(beside, last - 2)) <= least) {
      last--;
      continue;
    }
    let first = last - 1;
    while (first > 0 && abs(f64At(beside, first - 1)) > least) first--;
    chase(values, beside, vectors, size, first, last - 1);
    step++;
  }
}

/**
 * Makes a column 0 below the entry under the diagonal, by a reflection of the rows and columns after it. The reflection's vector
 * stays in the row, its factor in the column, under the diagonal. Returns the entry under the diagonal.
 */
export function reflect(matrix: usize, size: u32, column: u32, scratch: usize): f64 {
  const first = column + 1;
  let square: f64 = 0;
  for (let i = first; i < size; i++) {
    const entry = f64At(matrix, column * size + i);
    square += entry * entry;
  }
  const head = f64At(matrix, column * size + first);
  const length = sqrt(square);
  const under = head > 0 ? -length : length;
  const pivot = head - under;
  const norm = square - head * head + pivot * pivot;
  const factor = norm > 0 ? 2 / norm : 0;
  setF64(matrix, first * size + column, factor);
  if (factor == 0) return head;
  setF64(matrix, column * size + first, pivot);
  let shared: f64 = 0;
  for (let i = first; i < size; i++) {
    let sum: f64 = 0;
    for (let j = first; j < size; j++) sum += f64At(matrix, i * size + j) * f64At(matrix, column * size + j);
    setF64(scratch, i, factor * sum);
    shared += factor * sum * f64At(matrix, column * size + i);
  }
  const half = 0.5 * factor * shared;
  for (let i = first; i < size; i++) {
    setF64(scratch, i, f64At(scratch, i) - half * f64At(matrix, column * size + i));
  }
  for (let i = first; i < size; i++) {
    const own = f64At(matrix, column * size + i);
    const other = f64At(scratch, i);
    for (let j = first; j < size; j++) {
      const change = own * f64At(scratch, j) + other * f64At(matrix, column * size + j);
      setF64(matrix, i * size + j, f64At(matrix, i * size + j) - change);
    }
  }
  return under;
}

/** The product of all reflections, transposed: its rows are what the tridiagonal matrix is expressed in. */
function gatherReflections(matrix: usize, size: u32, vectors: usize, scratch: usize): void {
  memory.fill(vectors, 0, (<usize>size * <usize>size) << 3);
  for (let i: u32 = 0; i < size; i++) setF64(vectors, i * size + i, 1);
  for (let column = size; column-- > 0; ) {
    if (column + 1 < size) applyReflection(matrix, size, column, vectors, scratch);
  }
  for (let i: u32 = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) {
      const entry = f64At(vectors, i * size + j);
      setF64(vectors, i * size + j, f64At(vectors, j * size + i));
      setF64(vectors, j * size + i, entry);
    }
  }
}

export function applyReflection(matrix: usize, size: u32, column: u32, vectors: usize, scratch: usize): void {
  const first = column + 1;
  const factor = f64At(matrix, first * size + column);
  if (factor == 0) return;
  for (let j = first; j < size; j++) setF64(scratch, j, 0);
  for (let i = first; i < size; i++) {
    const own = factor * f64At(matrix, column * size + i);
    for (let j = first; j < size; j++) {
      setF64(scratch, j, f64At(scratch, j) + own * f64At(vectors, i * size + j));
    }
  }
  for (let i = first; i < size; i++) {
    const own = f64At(matrix, column * size + i);
    for (let j = first; j < size; j++) {
      setF64(vectors, i * size + j, f64At(vectors, i * size + j) - own * f64At(scratch, j));
    }
  }
}

/** One step of the implicit QR method on the rows from `first` to `last`: what it puts beside the diagonals is chased out. */
export function chase(values: usize, beside: usize, vectors: usize, size: u32, first: u32, last: u32): void {
  const corner = f64At(beside, last - 1);
  const half = 0.5 * (f64At(values, last - 1) - f64At(values, last));
  const root = sqrt(half * half + corner * corner);
  const shift = f64At(values, last) - (corner * corner) / (half + (half < 0 ? -root : root));
  let x = f64At(values, first) - shift;
  let z = f64At(beside, first);
  for (let i = first; i < last; i++) {
    const length = sqrt(x * x + z * z);
    const c = length > 0 ? x / length : 1;
    const s = length > 0 ? z / length : 0;
    if (i > first) setF64(beside, i - 1, length);
    const own = f64At(values, i);
    const next = f64At(values, i + 1);
    const between = f64At(beside, i);
    setF64(values, i, c * c * own + 2 * c * s * between + s * s * next);
    setF64(values, i + 1, s * s * own - 2 * c * s * between + c * c * next);
    x = c * s * (next - own) + (c * c - s * s) * between;
    setF64(beside, i, x);
    if (i + 1 < last) {
      const beyond = f64At(beside, i + 1);
      z = s * beyond;
      setF64(beside, i + 1, c * beyond);
    }
    turnRows(vectors, size, i, c, s);
  }
}

// @ts-ignore: decorator
@inline
function turnRows(vectors: usize, size: u32, row: u32, c: f64, s: f64): void {
  for (let j: u32 = 0; j < size; j++) {
    const a = f64At(vectors, row * size + j);
    const b = f64At(vectors, (row + 1) * size + j);
    setF64(vectors, row * size + j, c * a + s * b);
    setF64(vectors, (row + 1) * size + j, c * b - s * a);
  }
}
