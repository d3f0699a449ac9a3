/**
 * The sparse matrix kernels as portable tasks. A matrix is `offsets`, `columns` and `values` by rows; `values` is empty
 * where every entry is 1. Malformed arrays end as `E_KERNEL_TRAP`. Semirings are numbers: see `SEMIRINGS`.
 */
import { defineKernelTask } from '@anant/core';
import { KERNELS_URL } from './module-url.js';

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
    { name: 'y', role: 'out', type: 'f64[]', length: { of: 'offsets', plus: -1 } },
  ],
});
