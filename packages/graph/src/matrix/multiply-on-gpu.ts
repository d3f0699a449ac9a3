/**
 * A sparse matrix times a dense one by a kernel of gpu.js, in single precision, with the truth about what it ran on. Rows
 * picked by hash, and the longest, are computed by the portable kernel too; where the two differ by more than rounding can
 * explain, or the product cannot run there, the portable kernel gives the result, and says so.
 */
import { AnantError, type GpuArray, type GpuContext, type GpuDevice, type GpuKernel } from '@anant/core';
import { sampleIndexes } from '../algorithms/sample-indexes.js';

export interface GpuPattern {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly offsets: Uint32Array;
  readonly indexes: Uint32Array;
  readonly values: Float64Array;
}

export interface GpuProduct {
  /** By rows, in single precision unless the portable kernel computed it. */
  readonly y: Float32Array | Float64Array;
  /** What computed it: a device of gpu.js, or the portable kernel. */
  readonly device: GpuDevice | 'kernel';
  /** Why it was the portable kernel; undefined when it was not. */
  readonly reason: string | undefined;
  readonly checkedRows: number;
  /** Largest difference between the two on the checked rows, as a share of what rounding allows: up to 1. */
  readonly largestError: number;
}

/** Computes rows whose byte is not 0 with the portable kernel. */
export type RowsOnKernel = (mask: Uint8Array) => Promise<Float64Array>;

export interface GpuProductOptions {
  /** Rows that the portable kernel computes as well, the longest besides; from 1. @default 64 */
  readonly checkRows?: number;
}

const CHECK_ROWS = 64;
/** Whole numbers up to this are exact in single precision: places of entries and rows of X must be. */
const EXACT_MAX = 2 ** 24;
/** Half the distance from 1 to the next single-precision number. */
const UNIT = 2 ** -24;
/** Products below the smallest normal number may vanish on a device. */
const LEAST = 2 ** -126;

/** `i += 1`, since WebGPU's language counts up whole numbers only, and gpu.js holds what an array has as a float. */
const KERNEL = `function (offsets, columns, values, x) {
  let sum = 0;
  const end = offsets[this.thread.y + 1];
  for (let i = offsets[this.thread.y]; i < end; i += 1) {
    sum += values[i] * x[columns[i] * this.constants.width + this.thread.x];
  }
  return sum;
}`;

/** @throws AnantError as the portable kernel does; never for the device, which it says instead */
export async function multiplyOnGpu(
  gpu: GpuContext,
  matrix: GpuPattern,
  x: Float64Array,
  width: number,
  onKernel: RowsOnKernel,
  { checkRows = CHECK_ROWS }: GpuProductOptions,
): Promise<GpuProduct> {
  const fallback = async (reason: string): Promise<GpuProduct> => ({
    y: await onKernel(new Uint8Array(matrix.rowCount).fill(1)),
    device: 'kernel',
    reason,
    checkedRows: 0,
    largestError: 0,
  });
  const unfit = whyNot(matrix, x, width);
  if (unfit !== undefined) return fallback(unfit);
  let computed: Computed;
  try {
    computed = await compute(gpu, matrix, x, width);
  } catch (error) {
    kernels.delete(gpu);
    return fallback(error instanceof Error ? error.message : String(error));
  }
  const sample = sampleIndexes(matrix.rowCount, Math.min(checkRows, matrix.rowCount), 0);
  const rows = Uint32Array.from(new Set(sample).add(longestRow(matrix.offsets)));
  const mask = new Uint8Array(matrix.rowCount);
  for (const row of rows) mask[row] = 1;
  const expected = await onKernel(mask);
  const largestError = largestOf(matrix, x, width, { rows, expected, y: computed.y });
  if (!(largestError <= 1)) {
    return fallback(`The product on ${computed.device} was off by more than rounding explains.`);
  }
  return { ...computed, reason: undefined, checkedRows: rows.length, largestError };
}

function longestRow(offsets: Uint32Array): number {
  let longest = 0;
  const lengthOf = (row: number): number => offsets[row + 1]! - offsets[row]!;
  for (let row = 1; row + 1 < offsets.length; row++) if (lengthOf(row) > lengthOf(longest)) longest = row;
  return longest;
}

/** Compiled kernels of each device, oldest first: compiling takes longer than many products. */
const kernels = new WeakMap<GpuContext, Map<string, GpuKernel>>();
/** Kernels kept of one device; the oldest goes. */
const KERNELS_MAX = 16;

/** One kernel for each shape, since sizes are compiled into it. */
function kernelFor(gpu: GpuContext, { rowCount, indexes }: GpuPattern, x: Float64Array, width: number) {
  const kept = kernels.get(gpu) ?? new Map<string, GpuKernel>();
  kernels.set(gpu, kept);
  const shape = [rowCount, indexes.length, x.length, width].join();
  const kernel =
    kept.get(shape) ?? gpu.createKernel(KERNEL, { output: [width, rowCount], constants: { width } });
  kept.delete(shape);
  kept.set(shape, kernel);
  if (kept.size > KERNELS_MAX) kept.delete(kept.keys().next().value!);
  return kernel;
}

interface Computed {
  readonly y: Float32Array;
  readonly device: GpuDevice;
}

function whyNot(
  { rowCount, columnCount, indexes }: GpuPattern,
  x: Float64Array,
  width: number,
): string | undefined {
  if (indexes.length >= EXACT_MAX || columnCount * width >= EXACT_MAX) {
    return `The product reaches over ${Math.max(indexes.length, columnCount * width)} places, and single precision counts to ${EXACT_MAX}.`;
  }
  if (rowCount === 0 || indexes.length === 0) return 'The product is empty.';
  if (!x.every((value) => Number.isFinite(Math.fround(value)))) {
    return 'X has values that single precision does not.';
  }
  return undefined;
}

async function compute(
  gpu: GpuContext,
  matrix: GpuPattern,
  x: Float64Array,
  width: number,
): Promise<Computed> {
  const { rowCount, offsets, indexes, values } = matrix;
  const kernel = kernelFor(gpu, matrix, x, width);
  const entries = values.length === 0 ? new Float32Array(indexes.length).fill(1) : Float32Array.from(values);
  const rows = await kernel(
    Float32Array.from(offsets),
    Float32Array.from(indexes),
    entries,
    Float32Array.from(x),
  );
  if (kernel.device === undefined)
    throw new AnantError('E_GPU_UNAVAILABLE', 'gpu.js did not say what it ran on.');
  return { y: flat(rows, rowCount, width), device: kernel.device };
}

function flat(rows: GpuArray, rowCount: number, width: number): Float32Array {
  const y = new Float32Array(rowCount * width);
  for (let row = 0; row < rowCount; row++) y.set(rows[row] as Float32Array, row * width);
  return y;
}

interface Checked {
  readonly rows: Uint32Array;
  readonly expected: Float64Array;
  readonly y: Float32Array;
}

/**
 * A sum of n products in single precision, of rounded factors, is off by at most g(n + 2) times the sum of their sizes, with
 * g(k) = k u / (1 - k u): Higham, "Accuracy and stability of numerical algorithms" (2002), section 3.1.
 */
function largestOf(
  matrix: GpuPattern,
  x: Float64Array,
  width: number,
  { rows, expected, y }: Checked,
): number {
  const { offsets, indexes, values } = matrix;
  let largest = 0;
  const sizes = new Float64Array(width);
  for (const row of rows) {
    const [from, to] = [offsets[row]!, offsets[row + 1]!];
    const steps = (to - from + 2) * UNIT;
    sizes.fill(0);
    for (let i = from; i < to; i++) {
      const [value, start] = [values[i] ?? 1, indexes[i]! * width];
      for (let column = 0; column < width; column++) sizes[column]! += Math.abs(value * x[start + column]!);
    }
    for (let column = 0; column < width; column++) {
      const allowed = (steps / (1 - steps)) * sizes[column]! + (to - from + 1) * LEAST;
      const at = row * width + column;
      const error = Math.abs(y[at]! - expected[at]!) / allowed;
      if (!(error <= largest)) largest = error;
    }
  }
  return largest;
}
