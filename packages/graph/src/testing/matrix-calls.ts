/** For tests: calls of the matrix kernels, to compare hosts with. */
import type { Hypergraph } from '../hypergraph.js';
import * as tasks from '../kernels/matrix-tasks.js';
import { type KernelCall, kernelCall } from './two-engines.js';

const SEMIRING_COUNT = 4;

export function matrixCalls({ edgeToNodes, hyperedgeCount, vertexCount }: Hypergraph): KernelCall[] {
  const matrix = { offsets: edgeToNodes.offsets, columns: edgeToNodes.members, values: new Float64Array(0) };
  const x = Float64Array.from({ length: vertexCount }, (_, vertex) => Math.sqrt(vertex));
  const mask = Uint8Array.from({ length: hyperedgeCount }, (_, row) => row & 1);
  const every = Array.from({ length: SEMIRING_COUNT }, (_, semiring) =>
    kernelCall(tasks.spmvTask, { ...matrix, x, mask, semiring }),
  );
  return [kernelCall(tasks.spmvTask, { ...matrix, x, mask: new Uint8Array(0), semiring: 0 }), ...every];
}
