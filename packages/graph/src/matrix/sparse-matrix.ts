/**
 * A sparse matrix by rows (CSR) and its products, computed by portable kernels: the same bits on every backend. Over the
 * incidence of a hypergraph it shares the arrays of the graph, so that a native backend copies nothing.
 */
import { AnantError, type GpuContext, KernelMemory } from '@anant/core';
import type { GraphClient, RunOptions } from '../algorithms/run-kernel-task.js';
import { runOneTask } from '../algorithms/run-one-task.js';
import * as tasks from '../kernels/matrix-tasks.js';
import { type GpuProduct, type GpuProductOptions, multiplyOnGpu } from './multiply-on-gpu.js';
import { multiplyOnThreads } from './multiply-on-threads.js';
import { SEMIRINGS, type Semiring, semiringNumber } from './semiring.js';

/** Row r has its columns at `indexes[offsets[r]]` to `indexes[offsets[r + 1] - 1]`. */
export interface MatrixParts {
  readonly columnCount: number;
  readonly offsets: Uint32Array;
  readonly indexes: Uint32Array;
  /** One per entry; left out, or empty, every entry is 1. Entries of one place add up. */
  readonly values?: Float64Array;
}

export interface ProductOptions extends RunOptions {
  /** @default 'plus-times' */
  readonly semiring?: Semiring;
}

export interface RowProductOptions extends ProductOptions {
  /** One byte per row: rows with 0 are not computed, their result is the semiring's zero. @default all rows */
  readonly mask?: Uint8Array;
}

export interface VectorProductOptions extends RowProductOptions {
  /**
   * One value per row, none of them in `x`: written to, and returned. In the memory of a graph's matrix nothing is copied.
   * @default a new array
   */
  readonly into?: Float64Array;
}

export interface SparseProductOptions extends ProductOptions {
  /** Which entries to compute: those of `matrix`, or all others. Its values do not matter. @default all entries */
  readonly mask?: { readonly matrix: SparseMatrix; readonly keep: 'only' | 'except' };
}

const MASK_MODES = { none: 0, only: 1, except: 2 } as const;
const EMPTY_MASK = new Uint8Array(0);
const VALUES_MAX = 0xffff_ffff;

export class SparseMatrix {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly offsets: Uint32Array;
  readonly indexes: Uint32Array;
  /** Empty when every entry is 1. */
  readonly values: Float64Array;

  /** @throws AnantError `E_GRAPH_INVALID` when the lengths do not fit each other. Kernels check the indexes. */
  constructor({ columnCount, offsets, indexes, values = new Float64Array(0) }: MatrixParts) {
    if (offsets.length === 0 || offsets[0] !== 0 || offsets.at(-1) !== indexes.length) {
      throw invalid(`The offsets of a matrix must begin with 0 and end with ${indexes.length}, its entries.`);
    }
    if (values.length !== 0 && values.length !== indexes.length) {
      throw invalid(
        `A matrix with ${indexes.length} entries must have as many values, not ${values.length}.`,
      );
    }
    if (!Number.isInteger(columnCount) || columnCount < 0 || columnCount > VALUES_MAX) {
      throw invalid(`The number of columns must be an integer from 0 to ${VALUES_MAX}, not ${columnCount}.`);
    }
    this.rowCount = offsets.length - 1;
    this.columnCount = columnCount;
    this.offsets = offsets;
    this.indexes = indexes;
    this.values = values;
  }

  get entryCount(): number {
    return this.indexes.length;
  }

  /**
   * A x: for each row the sum over its entries, in the order listed, of value times `x[column]`. Plain sums over a large
   * matrix in a kernel memory run on several threads of the native backend.
   * @throws AnantError `E_GRAPH_INVALID` when a length does not fit
   */
  async timesVector(
    client: GraphClient,
    x: Float64Array,
    { semiring = 'plus-times', mask = EMPTY_MASK, into, ...options }: VectorProductOptions = {},
  ): Promise<Float64Array> {
    this.#checkRows(x.length, 1, mask);
    if (into) checkPlace(into, this.rowCount, x);
    const number = numberOf(semiring);
    const isPlain = semiring === 'plus-times' && mask.length === 0 && this.values.length === 0;
    const shared = isPlain ? await multiplyOnThreads(client, this, { x, into }, options) : undefined;
    const input = { ...this.#arrays(), x, mask, semiring: number };
    const product = shared ?? (await runOneTask(client, tasks.spmvTask, input, options)).y;
    if (!into || product === into) return product;
    into.set(product);
    return into;
  }

  /**
   * A X for a dense X with `width` columns, by rows. Every value is what `timesVector` gives for its column.
   * @throws AnantError `E_GRAPH_INVALID` when a length does not fit
   */
  async timesDense(
    client: GraphClient,
    x: Float64Array,
    width: number,
    { semiring = 'plus-times', mask = EMPTY_MASK, ...options }: RowProductOptions = {},
  ): Promise<Float64Array> {
    if (!Number.isInteger(width) || width < 1) {
      throw invalid(`"width" must be an integer from 1, not ${width}.`);
    }
    this.#checkRows(x.length, width, mask);
    const valueCount = this.rowCount * width;
    if (valueCount > VALUES_MAX) throw invalid(`The product would have ${valueCount} values, too many.`);
    const input = { ...this.#arrays(), x, mask, width, valueCount, semiring: numberOf(semiring) };
    return (await runOneTask(client, tasks.spmmTask, input, options)).y;
  }

  /**
   * A X as `timesDense` with plus-times, in single precision by gpu.js on the best device there is. Some rows are checked
   * against the portable kernel, which also steps in where the product cannot run on a device; the result says what was.
   * @param gpu `context.gpu` of a task in mode `gpu`, or `new Gpu()` of `@anant/core/gpu`.
   * @throws AnantError `E_GRAPH_INVALID` when a length does not fit
   */
  async timesDenseOnGpu(
    client: GraphClient,
    gpu: GpuContext,
    x: Float64Array,
    width: number,
    { checkRows = 64, ...options }: GpuProductOptions & RunOptions = {},
  ): Promise<GpuProduct> {
    if (!Number.isInteger(checkRows) || checkRows < 1) {
      throw invalid(`"checkRows" must be an integer from 1, not ${checkRows}.`);
    }
    if (!Number.isInteger(width) || width < 1)
      throw invalid(`"width" must be an integer from 1, not ${width}.`);
    this.#checkRows(x.length, width, EMPTY_MASK);
    const onKernel = (mask: Uint8Array) => this.timesDense(client, x, width, { ...options, mask });
    return multiplyOnGpu(gpu, this, x, width, onKernel, { checkRows });
  }

  /**
   * A B, columns rising in each row. An entry is there when any product adds to it.
   * @throws AnantError `E_GRAPH_INVALID` when sizes do not fit, `E_KERNEL_TRAP` when it has 2^32 entries or more
   */
  async times(
    client: GraphClient,
    other: SparseMatrix,
    { semiring = 'plus-times', mask, ...options }: SparseProductOptions = {},
  ): Promise<SparseMatrix> {
    if (other.rowCount !== this.columnCount) {
      throw invalid(
        `A matrix with ${this.columnCount} columns cannot multiply one with ${other.rowCount} rows.`,
      );
    }
    const { columnCount } = other;
    const shape = mask?.matrix;
    if (shape && (shape.rowCount !== this.rowCount || shape.columnCount !== columnCount)) {
      throw invalid(`The mask must have ${this.rowCount} rows and ${columnCount} columns, like the product.`);
    }
    const left = { aOffsets: this.offsets, aColumns: this.indexes };
    const right = { bOffsets: other.offsets, bColumns: other.indexes };
    const masking = {
      maskOffsets: shape?.offsets ?? new Uint32Array(1),
      maskColumns: shape?.indexes ?? new Uint32Array(0),
      columnCount,
      maskMode: MASK_MODES[mask?.keep ?? 'none'],
    };
    const semiringOf = numberOf(semiring);
    const counted = await runOneTask(
      client,
      tasks.spgemmCountTask,
      { ...left, ...right, ...masking },
      options,
    );
    const filled = await runOneTask(
      client,
      tasks.spgemmFillTask,
      {
        ...left,
        ...right,
        ...masking,
        aValues: this.values,
        bValues: other.values,
        semiring: semiringOf,
        entryCount: counted.result,
      },
      options,
    );
    return new SparseMatrix({
      columnCount,
      offsets: counted.rowOffsets,
      indexes: filled.columns,
      values: filled.values,
    });
  }

  /** Rows and columns exchanged, columns rising in each row. Linear; runs here, on the calling thread. */
  transpose(): SparseMatrix {
    const offsets = new Uint32Array(this.columnCount + 1);
    for (const column of this.indexes) offsets[column + 1]! += 1;
    for (let column = 0; column < this.columnCount; column++) offsets[column + 1]! += offsets[column]!;
    const next = offsets.slice(0, this.columnCount);
    const indexes = new Uint32Array(this.indexes.length);
    const values = new Float64Array(this.values.length);
    for (let row = 0; row < this.rowCount; row++) {
      for (let i = this.offsets[row]!; i < this.offsets[row + 1]!; i++) {
        const at = next[this.indexes[i]!]!++;
        indexes[at] = row;
        if (values.length > 0) values[at] = this.values[i]!;
      }
    }
    return new SparseMatrix({ columnCount: this.rowCount, offsets, indexes, values });
  }

  #arrays() {
    return { offsets: this.offsets, columns: this.indexes, values: this.values };
  }

  #checkRows(length: number, width: number, mask: Uint8Array): void {
    const wanted = this.columnCount * width;
    if (length !== wanted) throw invalid(`"x" must have ${wanted} values, not ${length}.`);
    if (mask.length !== 0 && mask.length !== this.rowCount) {
      throw invalid(`The mask must have ${this.rowCount} bytes, one per row, not ${mask.length}.`);
    }
  }
}

/** @throws AnantError `E_GRAPH_INVALID` */
function checkPlace(into: Float64Array, rowCount: number, x: Float64Array): void {
  if (into.length !== rowCount) {
    throw invalid(`"into" must have ${rowCount} values, one per row, not ${into.length}.`);
  }
  const isApart =
    into.byteOffset + into.byteLength <= x.byteOffset || x.byteOffset + x.byteLength <= into.byteOffset;
  const isSameMemory =
    into.buffer === x.buffer || (KernelMemory.of(x) && KernelMemory.of(x) === KernelMemory.of(into));
  if (isSameMemory && !isApart)
    throw invalid('"into" must not share values with "x": rows are written while others read.');
}

function numberOf(semiring: Semiring): number {
  if (SEMIRINGS.includes(semiring)) return semiringNumber(semiring);
  throw invalid(`"semiring" must be one of ${SEMIRINGS.join(', ')}, not "${semiring}".`);
}

function invalid(message: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', message, {
    advice: 'Sparse matrices are described in docs/graph-matrix.md.',
  });
}
