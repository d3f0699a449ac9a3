import { f64At, setF64, u32Address, u32At } from './array';
import { endOf, memberAt, requireLengths } from './incidence';
import { MAX_TIMES, MIN_PLUS, OR_AND, PLUS_TIMES, add, isSemiring, times, zero } from './semiring';

/** Rows per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_ROWS: u32 = 4096;

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
): void {
  requireLengths(offsets, offsetsLength, columnsLength);
  if (!isSemiring(semiring)) unreachable();
  if (valuesLength != 0 && valuesLength != columnsLength) unreachable();
  if (maskLength != 0 && maskLength != yLength) unreachable();
  if (offsetsLength - 1 != yLength || (xLength == 0 && columnsLength != 0)) unreachable();
  const isSum = semiring == PLUS_TIMES && valuesLength == 0 && maskLength == 0;
  const theMask: usize = maskLength == 0 ? 0 : mask;
  const theValues: usize = valuesLength == 0 ? 0 : values;
  for (let from: u32 = 0; from < yLength; from += BLOCK_ROWS) {
    const to = min(from + BLOCK_ROWS, yLength);
    if (isSum) sumRows(offsets, columns, columnsLength, x, xLength, y, from, to);
    else combineRows(offsets, columns, columnsLength, theValues, x, xLength, theMask, semiring, y, from, to);
  }
}

/**
 * Plain sums of `x` over rows. Four entries are read at once and those beyond the row's end count as 0, which changes
 * no sum: most rows are short, and a loop over each would mostly cost mispredicted branches. Indexes are checked after
 * reading: what they read never leaves the kernel.
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
): void {
  let start = u32At(offsets, from);
  let largest = i32x4.splat(0);
  for (let row = from; row < to; row++) {
    const end = endOf(offsets, row, start, columnsLength);
    let sum: f64 = 0;
    while (start + 4 <= end) {
      const four = v128.load(u32Address(columns, start));
      largest = v128.max<u32>(largest, four);
      sum = sum + f64At(x, i32x4.extract_lane(four, 0)) + f64At(x, i32x4.extract_lane(four, 1));
      sum = sum + f64At(x, i32x4.extract_lane(four, 2)) + f64At(x, i32x4.extract_lane(four, 3));
      start += 4;
    }
    if (start < end) {
      if (start + 4 > columnsLength) {
        for (; start < end; start++) sum += f64At(x, memberAt(columns, start, xLength));
      } else {
        const four = v128.load(u32Address(columns, start));
        const left = i64x2.splat(<i64>(end - start));
        const low = v128.and(
          f64x2(f64At(x, i32x4.extract_lane(four, 0)), f64At(x, i32x4.extract_lane(four, 1))),
          i64x2.gt_s(left, i64x2(0, 1)),
        );
        sum = sum + f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
        const third = v128.and(f64x2.splat(f64At(x, i32x4.extract_lane(four, 2))), i64x2.gt_s(left, i64x2(2, 2)));
        sum = sum + f64x2.extract_lane(third, 0);
        largest = v128.max<u32>(largest, four);
        start = end;
      }
    }
    setF64(y, row, sum);
  }
  if (v128.any_true(v128.ge<u32>(largest, i32x4.splat(<i32>xLength))) && columnsLength > 0) unreachable();
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
