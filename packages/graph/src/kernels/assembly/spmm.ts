import { f64At, setF64, u32At } from './array';
import { endOf, memberAt, requireLengths } from './incidence';
import { MAX_TIMES, MIN_PLUS, OR_AND, PLUS_TIMES, add, isSemiring, times, zero } from './semiring';

/** Values of the result per call of the inner loop: small enough that V8 can switch to optimised code. */
const BLOCK_VALUES: u32 = 32_768;

/**
 * Y = A X over a semiring, X and Y dense with `width` columns, row by row. Every value of Y adds up the entries of its row
 * of A in the order listed, as `spmv` does. `values` is empty when every entry is 1; rows whose mask is 0 are left out.
 */
export function spmm(
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
  width: u32,
  _valueCount: u32,
  semiring: u32,
  y: usize,
  yLength: u32,
): void {
  requireLengths(offsets, offsetsLength, columnsLength);
  const rows = offsetsLength - 1;
  if (!isSemiring(semiring) || width == 0 || xLength % width != 0) unreachable();
  if (<u64>rows * width != <u64>yLength) unreachable();
  if (valuesLength != 0 && valuesLength != columnsLength) unreachable();
  if (maskLength != 0 && maskLength != rows) unreachable();
  const theMask: usize = maskLength == 0 ? 0 : mask;
  const theValues: usize = valuesLength == 0 ? 0 : values;
  const block = BLOCK_VALUES / width + 1;
  for (let from: u32 = 0; from < rows; from += block) {
    const to = min(from + block, rows);
    denseRows(offsets, columns, columnsLength, theValues, x, xLength / width, theMask, width, semiring, y, from, to);
  }
}

export function denseRows(
  offsets: usize,
  columns: usize,
  columnsLength: u32,
  values: usize,
  x: usize,
  xRows: u32,
  mask: usize,
  width: u32,
  semiring: u32,
  y: usize,
  from: u32,
  to: u32,
): void {
  let at = u32At(offsets, from);
  for (let row = from; row < to; row++) {
    const end = endOf(offsets, row, at, columnsLength);
    const target = y + ((<usize>row * width) << 3);
    for (let i: u32 = 0; i < width; i++) setF64(target, i, zero(semiring));
    if (mask != 0 && load<u8>(mask + row) == 0) at = end;
    for (; at < end; at++) {
      const source = x + ((<usize>memberAt(columns, at, xRows) * width) << 3);
      const value = values == 0 ? 1 : f64At(values, at);
      if (semiring == PLUS_TIMES) addScaled(target, source, value, width);
      else if (semiring == MIN_PLUS) addRow(MIN_PLUS, target, source, value, width);
      else if (semiring == OR_AND) addRow(OR_AND, target, source, value, width);
      else addRow(MAX_TIMES, target, source, value, width);
    }
  }
}

// @ts-ignore: decorator
@inline
function addScaled(target: usize, source: usize, value: f64, width: u32): void {
  const factor = f64x2.splat(value);
  let i: u32 = 0;
  for (; i + 2 <= width; i += 2) {
    const shift = <usize>i << 3;
    const sum = v128.add<f64>(v128.load(target + shift), v128.mul<f64>(factor, v128.load(source + shift)));
    v128.store(target + shift, sum);
  }
  if (i < width) setF64(target, i, f64At(target, i) + value * f64At(source, i));
}

// @ts-ignore: decorator
@inline
function addRow(semiring: u32, target: usize, source: usize, value: f64, width: u32): void {
  for (let i: u32 = 0; i < width; i++) {
    setF64(target, i, add(semiring, f64At(target, i), times(semiring, value, f64At(source, i))));
  }
}
