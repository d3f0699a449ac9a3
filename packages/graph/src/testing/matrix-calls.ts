/** For tests: calls of the matrix kernels, to compare hosts with. */
import type { Hypergraph } from '../hypergraph.js';
import * as tasks from '../kernels/matrix-tasks.js';
import { type KernelCall, kernelCall } from './two-engines.js';

const SEMIRING_COUNT = 4;

export function matrixCalls({
  edgeToNodes,
  nodeToEdges,
  hyperedgeCount,
  vertexCount,
}: Hypergraph): KernelCall[] {
  const matrix = { offsets: edgeToNodes.offsets, columns: edgeToNodes.members, values: new Float64Array(0) };
  const x = Float64Array.from({ length: vertexCount }, (_, vertex) => Math.sqrt(vertex));
  const mask = Uint8Array.from({ length: hyperedgeCount }, (_, row) => row & 1);
  const every = Array.from({ length: SEMIRING_COUNT }, (_, semiring) =>
    kernelCall(tasks.spmvTask, { ...matrix, x, mask, semiring }),
  );
  const dense = Float64Array.from({ length: 3 * vertexCount }, (_, at) => 1 / (at + 1));
  const wide = { ...matrix, x: dense, mask: new Uint8Array(0), width: 3, valueCount: 3 * hyperedgeCount };
  const square = {
    aOffsets: nodeToEdges.offsets,
    aColumns: nodeToEdges.members,
    bOffsets: edgeToNodes.offsets,
    bColumns: edgeToNodes.members,
    maskOffsets: new Uint32Array(1),
    maskColumns: new Uint32Array(0),
    columnCount: vertexCount,
    maskMode: 0,
  };
  return [
    kernelCall(tasks.spmvTask, { ...matrix, x, mask: new Uint8Array(0), semiring: 0 }),
    ...every,
    kernelCall(tasks.spmmTask, { ...wide, semiring: 0 }),
    kernelCall(tasks.spgemmCountTask, square),
  ];
}
