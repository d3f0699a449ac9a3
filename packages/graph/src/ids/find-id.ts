/** Finds what people name: an id as given, the integer that a text writes, or a label. */
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId, IdTable } from './id-table.js';

export const isId = (value: unknown): value is ExternalId =>
  typeof value === 'string' || typeof value === 'number';

/** The index of an id as given, or of the integer that a text writes; -1 when there is none. */
export function findId(table: IdTable, value: unknown): number {
  if (!isId(value)) return -1;
  const index = table.indexOf(value);
  return index < 0 && typeof value === 'string' && /^-?\d+$/.test(value)
    ? table.indexOf(Number(value))
    : index;
}

/** The index of a vertex by id or label, or -1. */
export function findVertexNamed(graph: Hypergraph, value: unknown): number {
  const index = findId(graph.vertices, value);
  return index < 0 && typeof value === 'string' ? graph.vertexLabelled(value) : index;
}
