/**
 * The sparse matrix kernels as portable tasks. A matrix is `offsets`, `columns` and `values` by rows; `values` is empty
 * where every entry is 1. Malformed arrays end as `E_KERNEL_TRAP`. Semirings are numbers: see `SEMIRINGS`.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';
import { SIZE_GROUPS } from './size-groups.js';

/** y = A x. `mask` is empty or has one byte per row: rows with 0 are left out. */
export const spmvTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'spmv',
  name: 'graph.spmv',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'columns', role: 'in', type: 'u32[]' },
    { name: 'values', role: 'in', type: 'f64[]' },
    { name: 'x', role: 'in', type: 'f64[]' },
    { name: 'mask', role: 'in', type: 'u8[]' },
    { name: 'semiring', role: 'in', type: 'u32' },
    { name: 'y', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 }, contents: 'any' },
    SIZE_GROUPS,
  ],
});

/** Y = A X, X and Y dense by rows with `width` columns; `valueCount` is rows times `width`. */
export const spmmTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'spmm',
  name: 'graph.spmm',
  parameters: [
    { name: 'offsets', role: 'in', type: 'u32[]' },
    { name: 'columns', role: 'in', type: 'u32[]' },
    { name: 'values', role: 'in', type: 'f64[]' },
    { name: 'x', role: 'in', type: 'f64[]' },
    { name: 'mask', role: 'in', type: 'u8[]' },
    { name: 'width', role: 'in', type: 'u32' },
    { name: 'valueCount', role: 'in', type: 'u32' },
    { name: 'semiring', role: 'in', type: 'u32' },
    { name: 'y', role: 'out', type: 'f64[]', length: { of: 'valueCount' } },
  ],
});

const MASK = [
  { name: 'maskOffsets', role: 'in', type: 'u32[]' },
  { name: 'maskColumns', role: 'in', type: 'u32[]' },
  { name: 'columnCount', role: 'in', type: 'u32' },
  { name: 'maskMode', role: 'in', type: 'u32' },
] as const;
const MARKS = [
  { name: 'seen', role: 'scratch', type: 'u32[]', length: { of: 'columnCount' } },
  { name: 'allowed', role: 'scratch', type: 'u32[]', length: { of: 'columnCount' } },
] as const;

/** Offsets of A B; `result` is the number of its entries. `maskMode`: 0 none, 1 only what the mask has, 2 all else. */
export const spgemmCountTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'spgemmCount',
  name: 'graph.spgemm-count',
  parameters: [
    { name: 'aOffsets', role: 'in', type: 'u32[]' },
    { name: 'aColumns', role: 'in', type: 'u32[]' },
    { name: 'bOffsets', role: 'in', type: 'u32[]' },
    { name: 'bColumns', role: 'in', type: 'u32[]' },
    ...MASK,
    { name: 'rowOffsets', role: 'out', type: 'u32[]', length: { of: 'aOffsets' } },
    ...MARKS,
  ],
  returns: 'u32',
});

/** Columns and values of A B; `entryCount` is what `spgemmCountTask` returned. */
export const spgemmFillTask = defineKernelTask({
  module: KERNELS_URL,
  export: 'spgemmFill',
  name: 'graph.spgemm-fill',
  parameters: [
    { name: 'aOffsets', role: 'in', type: 'u32[]' },
    { name: 'aColumns', role: 'in', type: 'u32[]' },
    { name: 'aValues', role: 'in', type: 'f64[]' },
    { name: 'bOffsets', role: 'in', type: 'u32[]' },
    { name: 'bColumns', role: 'in', type: 'u32[]' },
    { name: 'bValues', role: 'in', type: 'f64[]' },
    ...MASK,
    { name: 'semiring', role: 'in', type: 'u32' },
    { name: 'entryCount', role: 'in', type: 'u32' },
    { name: 'columns', role: 'out', type: 'u32[]', length: { of: 'entryCount' } },
    { name: 'values', role: 'out', type: 'f64[]', length: { of: 'entryCount' } },
    { name: 'sums', role: 'scratch', type: 'f64[]', length: { of: 'columnCount' } },
    ...MARKS,
  ],
  returns: 'u32',
});
