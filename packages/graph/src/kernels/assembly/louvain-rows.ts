import { requireIncidence } from './incidence';
import { canonise } from './labels';
import { joinRows } from './louvain';

/**
 * Communities of a weighted graph by Louvain, as `louvain` finds them: the neighbours of vertex v are `columns[offsets[v]] ..`
 * with weights above 0 in `values`, every pair in both rows with the same weight, none with itself. `rowOffsets`,
 * `neighbours` and `weights` have room for three graphs, `vertices` for eight numbers per vertex and `numbers` for seven.
 */
export function louvainRows(
  offsets: usize,
  offsetsLength: u32,
  columns: usize,
  columnsLength: u32,
  values: usize,
  valuesLength: u32,
  resolution: f64,
  seed: u32,
  labels: usize,
  labelsLength: u32,
  modularity: usize,
  modularityLength: u32,
  rowOffsets: usize,
  neighbours: usize,
  weights: usize,
  vertices: usize,
  numbers: usize,
): u32 {
  requireIncidence(offsets, offsetsLength, columns, columnsLength, labelsLength);
  if (offsetsLength != labelsLength + 1 || valuesLength != columnsLength || modularityLength < 1) unreachable();
  memory.copy(rowOffsets, offsets, <usize>offsetsLength << 2);
  memory.copy(neighbours, columns, <usize>columnsLength << 2);
  memory.copy(weights, values, <usize>valuesLength << 3);
  const level = joinRows(
    labelsLength, resolution, seed, 0, columnsLength, labels, modularity, rowOffsets, neighbours, weights, vertices,
    numbers,
  );
  canonise(labelsLength, labels, vertices);
  return level;
}
