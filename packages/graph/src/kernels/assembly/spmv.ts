import { f64At, setF64, u32Address, u32At } from './array';
import { allBelow, endOf, memberAt, requireLengths } from './incidence';
import { MAX_TIMES, MIN_PLUS, OR_AND, PLUS_TIMES, add, isSemiring, times, zero } from './semiring';
import { BLOCK_LISTS, LARGE, groupBySize, groupLength, listAt } from './size-groups';

/**
 * y = A x over a semiring: `y[r]` is the sum over the entries of row r, in the order listed, of value times `x[column]`.
 * `values` is empty when every entry is 1. Where `mask` is not empty, rows whose mask is 0 are left out: their `y` is
 * the semiring's zero. Semirings of Kepner and others, "Mathematical foundations of the GraphBLAS" (HPEC 2016).
 */
export function spmv(
  offsets: usize,
  offsetsLength: u32,
  columns: usize,
  columnsLength: u32,
  values: usize,
  valuesLength: u32,
  x: usize,
  xLength: u32,
  mask: usize,
  maskLength: u32,
  semiring: u32,
  y: usize,
  yLength: u32,
  groups: usize,
): void {
  requireLengths(offsets, offsetsLength, columnsLength);
  if (!isSemiring(semiring)) unreachable();
  if (valuesLength != 0 && valuesLength != columnsLength) unreachable();
  if (maskLength != 0 && maskLength != yLength) unreachable();
  if (offsetsLength - 1 != yLength || (xLength == 0 && columnsLength != 0)) unreachable();
  const isSum = semiring == PLUS_TIMES && valuesLength == 0 && maskLength == 0;
  const theMask: usize = maskLength == 0 ? 0 : mask;
  const theValues: usize = valuesLength == 0 ? 0 : values;
  for (let from: u32 = 0; from < yLength; from += BLOCK_LISTS) {
    const to = min(from + BLOCK_LISTS, yLength);
    if (isSum) sumRows(offsets, columns, columnsLength, x, xLength, y, from, to, groups);
    else combineRows(offsets, columns, columnsLength, theValues, x, xLength, theMask, semiring, y, from, to);
  }
}

/** From this many entries a row on, rows are summed as they come: what a mispredicted branch costs is then little. */
const LONG_ROWS: u32 = 8;

/**
 * Plain sums of `x` over rows, at most `BLOCK_LISTS` of them: each in the order listed, short rows of one size after the
 * other.
 */
export function sumRows(
  offsets: usize,
  columns: usize,
  columnsLength: u32,
  x: usize,
  xLength: u32,
  y: usize,
  from: u32,
  to: u32,
  groups: usize,
): void {
  const start = u32At(offsets, from);
  const count = u32At(offsets, to) - start;
  if (count >= (to - from) * LONG_ROWS) {
    sumLongRows(offsets, columns, columnsLength, x, xLength, y, from, to);
    return;
  }
  groupBySize(offsets, from, to, columnsLength, groups);
  if (!allBelow(u32Address(columns, start), count, xLength)) unreachable();
  const blockOffsets = u32Address(offsets, from);
  const sums = y + (<usize>from << 3);
  sumGroup(0, blockOffsets, columns, x, sums, groups);
  sumGroup(1, blockOffsets, columns, x, sums, groups);
  sumGroup(2, blockOffsets, columns, x, sums, groups);
  sumGroup(3, blockOffsets, columns, x, sums, groups);
  sumGroup(4, blockOffsets, columns, x, sums, groups);
  sumGroup(5, blockOffsets, columns, x, sums, groups);
  sumGroup(6, blockOffsets, columns, x, sums, groups);
  sumGroup(7, blockOffsets, columns, x, sums, groups);
  sumGroup(8, blockOffsets, columns, x, sums, groups);
  sumLarge(blockOffsets, columns, x, sums, groups);
}

/** Indexes are checked after reading: what they read never leaves the kernel. */
export function sumLongRows(
  offsets: usize,
  columns: usize,
  columnsLength: u32,
  x: usize,
  xLength: u32,
  y: usize,
  from: u32,
  to: u32,
): void {
  let largest = i32x4.splat(0);
  let last: u32 = 0;
  let start = u32At(offsets, from);
  let at = u32Address(columns, start);
  for (let row = from; row < to; row++) {
    start = endOf(offsets, row, start, columnsLength);
    const end = u32Address(columns, start);
    let sum: f64 = 0;
    for (; at + 16 <= end; at += 16) {
      largest = v128.max<u32>(largest, v128.load(at));
      sum += f64At(x, load<u32>(at));
      sum += f64At(x, load<u32>(at, 4));
      sum += f64At(x, load<u32>(at, 8));
      sum += f64At(x, load<u32>(at, 12));
    }
    for (; at < end; at += 4) {
      const column = load<u32>(at);
      last = max(last, column);
      sum += f64At(x, column);
    }
    setF64(y, row, sum);
  }
  largest = v128.max<u32>(largest, i32x4.splat(<i32>last));
  if (v128.any_true(v128.ge<u32>(largest, i32x4.splat(<i32>xLength)))) unreachable();
}

/** Rows of `size` entries. */
// @ts-ignore: decorator
@inline
function sumGroup(size: u32, offsets: usize, columns: usize, x: usize, y: usize, groups: usize): void {
  const count = groupLength(groups, size);
  for (let i: u32 = 0; i < count; i++) {
    const row = listAt(groups, size, i);
    const at = u32Address(columns, u32At(offsets, row));
    let sum: f64 = 0;
    if (size > 0) sum += f64At(x, load<u32>(at));
    if (size > 1) sum += f64At(x, load<u32>(at, 4));
    if (size > 2) sum += f64At(x, load<u32>(at, 8));
    if (size > 3) sum += f64At(x, load<u32>(at, 12));
    if (size > 4) sum += f64At(x, load<u32>(at, 16));
    if (size > 5) sum += f64At(x, load<u32>(at, 20));
    if (size > 6) sum += f64At(x, load<u32>(at, 24));
    if (size > 7) sum += f64At(x, load<u32>(at, 28));
    setF64(y, row, sum);
  }
}

// @ts-ignore: decorator
@inline
function sumLarge(offsets: usize, columns: usize, x: usize, y: usize, groups: usize): void {
  const count = groupLength(groups, LARGE);
  for (let i: u32 = 0; i < count; i++) {
    const row = listAt(groups, LARGE, i);
    let at = u32Address(columns, u32At(offsets, row));
    const end = u32Address(columns, u32At(offsets, row + 1));
    let sum: f64 = 0;
    for (; at + 16 <= end; at += 16) {
      sum = sum + f64At(x, load<u32>(at)) + f64At(x, load<u32>(at, 4));
      sum = sum + f64At(x, load<u32>(at, 8)) + f64At(x, load<u32>(at, 12));
    }
    for (; at < end; at += 4) sum += f64At(x, load<u32>(at));
    setF64(y, row, sum);
  }
}

/** Rows over any semiring, with values and mask where these are not 0. */
export function combineRows(
  offsets: usize,
  columns: usize,
  columnsLength: u32,
  values: usize,
  x: usize,
  xLength: u32,
  mask: usize,
  semiring: u32,
  y: usize,
  from: u32,
  to: u32,
): void {
  if (semiring == MIN_PLUS) {
    rowsOver(MIN_PLUS, offsets, columns, columnsLength, values, x, xLength, mask, y, from, to);
  } else if (semiring == OR_AND) {
    rowsOver(OR_AND, offsets, columns, columnsLength, values, x, xLength, mask, y, from, to);
  } else if (semiring == MAX_TIMES) {
    rowsOver(MAX_TIMES, offsets, columns, columnsLength, values, x, xLength, mask, y, from, to);
  } else {
    rowsOver(PLUS_TIMES, offsets, columns, columnsLength, values, x, xLength, mask, y, from, to);
  }
}

// @ts-ignore: decorator
@inline
function rowsOver(
  semiring: u32,
  offsets: usize,
  columns: usize,
  columnsLength: u32,
  values: usize,
  x: usize,
  xLength: u32,
  mask: usize,
  y: usize,
  from: u32,
  to: u32,
): void {
  let at = u32At(offsets, from);
  for (let row = from; row < to; row++) {
    const end = endOf(offsets, row, at, columnsLength);
    let sum = zero(semiring);
    if (mask != 0 && load<u8>(mask + row) == 0) at = end;
    for (; at < end; at++) {
      const value = values == 0 ? 1 : f64At(values, at);
      sum = add(semiring, sum, times(semiring, value, f64At(x, memberAt(columns, at, xLength))));
    }
    setF64(y, row, sum);
  }
}
