import { clearU32, f64At, setF64, setU32, u32At } from './array';
import { requireIncidence } from './incidence';
import { isSemiring, add, times } from './semiring';
import { sortU32 } from './sort-u32';

/** Rows per call of the inner loops: small enough that V8 can switch to optimised code while a kernel runs. */
const BLOCK_ROWS: u32 = 64;
/** Rows with more entries than one in this many columns are read out column by column instead of being sorted. */
const SCAN_FRACTION: u32 = 16;

/** What a mask does: nothing, keep the entries that it has, or those that it has not. */
const UNMASKED: u32 = 0;
const ONLY: u32 = 1;

/**
 * Counts the entries of each row of A B: `rowOffsets` become the offsets of the product. Gustavson, "Two fast algorithms
 * for sparse matrices", ACM Trans. Math. Softw. 4 (1978). An entry is there when any product adds to it, even if the sum
 * is 0. With `maskMode` 1 only entries that the mask has count, with 2 only those that it has not. Traps when there are
 * 2^32 entries or more. Returns their number.
 */
export function spgemmCount(
  aOffsets: usize,
  aOffsetsLength: u32,
  aColumns: usize,
  aColumnsLength: u32,
  bOffsets: usize,
  bOffsetsLength: u32,
  bColumns: usize,
  bColumnsLength: u32,
  maskOffsets: usize,
  maskOffsetsLength: u32,
  maskColumns: usize,
  maskColumnsLength: u32,
  columnCount: u32,
  maskMode: u32,
  rowOffsets: usize,
  rowOffsetsLength: u32,
  seen: usize,
  allowed: usize,
): u32 {
  requireIncidence(aOffsets, aOffsetsLength, aColumns, aColumnsLength, bOffsetsLength - 1);
  requireIncidence(bOffsets, bOffsetsLength, bColumns, bColumnsLength, columnCount);
  requireIncidence(maskOffsets, maskOffsetsLength, maskColumns, maskColumnsLength, columnCount);
  if (maskMode != UNMASKED && maskOffsetsLength != aOffsetsLength) unreachable();
  const rows = aOffsetsLength - 1;
  let total: u64 = 0;
  for (let from: u32 = 0; from < rows; from += BLOCK_ROWS) {
    const to = min(from + BLOCK_ROWS, rows);
    total = countProducts(
      aOffsets, aColumns, bOffsets, bColumns, maskOffsets, maskColumns, maskMode, from, to, total, rowOffsets, seen,
      allowed,
    );
  }
  return <u32>total;
}

export function countProducts(
  aOffsets: usize,
  aColumns: usize,
  bOffsets: usize,
  bColumns: usize,
  maskOffsets: usize,
  maskColumns: usize,
  maskMode: u32,
  from: u32,
  to: u32,
  before: u64,
  rowOffsets: usize,
  seen: usize,
  allowed: usize,
): u64 {
  let total = before;
  for (let row = from; row < to; row++) {
    if (maskMode != UNMASKED) markMask(maskOffsets, maskColumns, row, allowed);
    const end = u32At(aOffsets, row + 1);
    for (let i = u32At(aOffsets, row); i < end; i++) {
      const middle = u32At(aColumns, i);
      const stop = u32At(bOffsets, middle + 1);
      for (let j = u32At(bOffsets, middle); j < stop; j++) {
        const column = u32At(bColumns, j);
        if (u32At(seen, column) == row + 1 || !isAllowed(maskMode, allowed, column, row)) continue;
        setU32(seen, column, row + 1);
        total++;
      }
    }
    if (total > 0xffff_ffff) unreachable();
    setU32(rowOffsets, row + 1, <u32>total);
  }
  return total;
}

function markMask(maskOffsets: usize, maskColumns: usize, row: u32, allowed: usize): void {
  const end = u32At(maskOffsets, row + 1);
  for (let i = u32At(maskOffsets, row); i < end; i++) setU32(allowed, u32At(maskColumns, i), row + 1);
}

// @ts-ignore: decorator
@inline
function isAllowed(maskMode: u32, allowed: usize, column: u32, row: u32): bool {
  return maskMode == UNMASKED || (u32At(allowed, column) == row + 1) == (maskMode == ONLY);
}

/**
 * The entries of A B that `spgemmCount` counted, columns rising in each row. A value adds up its products in the order of
 * A's row, then of B's. `aValues` and `bValues` are empty when every entry is 1.
 */
export function spgemmFill(
  aOffsets: usize,
  aOffsetsLength: u32,
  aColumns: usize,
  aColumnsLength: u32,
  aValues: usize,
  aValuesLength: u32,
  bOffsets: usize,
  bOffsetsLength: u32,
  bColumns: usize,
  bColumnsLength: u32,
  bValues: usize,
  bValuesLength: u32,
  maskOffsets: usize,
  maskOffsetsLength: u32,
  maskColumns: usize,
  maskColumnsLength: u32,
  columnCount: u32,
  maskMode: u32,
  semiring: u32,
  entryCount: u32,
  columns: usize,
  columnsLength: u32,
  values: usize,
  valuesLength: u32,
  sums: usize,
  seen: usize,
  allowed: usize,
): u32 {
  requireIncidence(aOffsets, aOffsetsLength, aColumns, aColumnsLength, bOffsetsLength - 1);
  requireIncidence(bOffsets, bOffsetsLength, bColumns, bColumnsLength, columnCount);
  requireIncidence(maskOffsets, maskOffsetsLength, maskColumns, maskColumnsLength, columnCount);
  if (maskMode != UNMASKED && maskOffsetsLength != aOffsetsLength) unreachable();
  if (!isSemiring(semiring)) unreachable();
  if (aValuesLength != 0 && aValuesLength != aColumnsLength) unreachable();
  if (bValuesLength != 0 && bValuesLength != bColumnsLength) unreachable();
  const left: usize = aValuesLength == 0 ? 0 : aValues;
  const right: usize = bValuesLength == 0 ? 0 : bValues;
  clearU32(seen, columnCount);
  const rows = aOffsetsLength - 1;
  let at: u32 = 0;
  for (let from: u32 = 0; from < rows; from += BLOCK_ROWS) {
    const to = min(from + BLOCK_ROWS, rows);
    at = fillProducts(
      aOffsets, aColumns, left, bOffsets, bColumns, right, maskOffsets, maskColumns, columnCount, maskMode, semiring,
      from, to, at, entryCount, columns, values, sums, seen, allowed,
    );
  }
  return at;
}

export function fillProducts(
  aOffsets: usize,
  aColumns: usize,
  aValues: usize,
  bOffsets: usize,
  bColumns: usize,
  bValues: usize,
  maskOffsets: usize,
  maskColumns: usize,
  columnCount: u32,
  maskMode: u32,
  semiring: u32,
  from: u32,
  to: u32,
  start: u32,
  entryCount: u32,
  columns: usize,
  values: usize,
  sums: usize,
  seen: usize,
  allowed: usize,
): u32 {
  let first = start;
  for (let row = from; row < to; row++) {
    if (maskMode != UNMASKED) markMask(maskOffsets, maskColumns, row, allowed);
    let at = first;
    const end = u32At(aOffsets, row + 1);
    for (let i = u32At(aOffsets, row); i < end; i++) {
      const middle = u32At(aColumns, i);
      const factor = aValues == 0 ? 1 : f64At(aValues, i);
      const stop = u32At(bOffsets, middle + 1);
      for (let j = u32At(bOffsets, middle); j < stop; j++) {
        const column = u32At(bColumns, j);
        const product = times(semiring, factor, bValues == 0 ? 1 : f64At(bValues, j));
        if (u32At(seen, column) == row + 1) {
          setF64(sums, column, add(semiring, f64At(sums, column), product));
        } else if (isAllowed(maskMode, allowed, column, row)) {
          if (at == entryCount) unreachable();
          setU32(seen, column, row + 1);
          setF64(sums, column, product);
          setU32(columns, at++, column);
        }
      }
    }
    order(columns, first, at, columnCount, seen, row + 1);
    for (let i = first; i < at; i++) setF64(values, i, f64At(sums, u32At(columns, i)));
    first = at;
  }
  return first;
}

/** Puts the columns of a row in rising order: by sorting, or by looking at all columns where most are there. */
function order(columns: usize, first: u32, last: u32, columnCount: u32, seen: usize, mark: u32): void {
  if (last - first <= columnCount / SCAN_FRACTION) {
    sortU32(columns + (<usize>first << 2), last - first);
    return;
  }
  let at = first;
  for (let column: u32 = 0; column < columnCount; column++) {
    if (u32At(seen, column) == mark) setU32(columns, at++, column);
  }
}
