/** A graph as a table: triples where it is one of triples, incidences otherwise. In batches, for Parquet and Arrow. */
import type { Hypergraph } from '../hypergraph.js';
import type { IdTable } from '../ids/id-table.js';
import { IntegerIds } from '../ids/integer-ids.js';
import { RangeIds } from '../ids/range-ids.js';
import type { Keeps } from './export-format.js';
import { whyNotTriples } from './losses.js';
import { idReader } from './rows.js';

/** Values of one column of a batch. Ids are integers when all of a table are, texts otherwise. */
export type TableColumn =
  | { readonly name: string; readonly type: 'integer'; readonly values: readonly number[] }
  | { readonly name: string; readonly type: 'text'; readonly values: readonly string[] }
  | { readonly name: string; readonly type: 'number'; readonly values: Float64Array };

export type TableBatch = readonly TableColumn[];

export const TABLE_KEEPS: Keeps = {
  hyperedgeIds: true,
  vertexIds: true,
  properties: ['incidences.weight', 'hyperedges.relation'],
};

/** Rows of one batch, and of a Parquet row group. */
export const BATCH_ROWS = 100_000;

/** There is at least one batch, so that an empty graph has its columns. */
export function* tableBatches(graph: Hypergraph): Generator<TableBatch> {
  const isTriples = whyNotTriples(graph) === undefined && graph.hyperedgeCount > 0;
  const rowCount = isTriples ? graph.hyperedgeCount : graph.incidenceCount;
  const batchOf = isTriples ? tripleBatches(graph) : incidenceBatches(graph);
  for (let from = 0; from === 0 || from < rowCount; from += BATCH_ROWS) {
    yield batchOf(from, Math.min(from + BATCH_ROWS, rowCount));
  }
}

type BatchOf = (from: number, to: number) => TableBatch;

function tripleBatches(graph: Hypergraph): BatchOf {
  const { offsets, members } = graph.edgeToNodes;
  const { values, dictionary } = graph.properties.hyperedges.relation!;
  const vertexColumn = columnMaker(graph.vertices);
  const relationColumn = columnMaker(dictionary!);
  return (from, to) => {
    const facts = range(from, to);
    return [
      vertexColumn(
        'head',
        facts.map((fact) => members[offsets[fact]!]!),
      ),
      relationColumn(
        'relation',
        facts.map((fact) => values[fact]!),
      ),
      vertexColumn(
        'tail',
        facts.map((fact) => members[offsets[fact]! + 1]!),
      ),
    ];
  };
}

function incidenceBatches(graph: Hypergraph): BatchOf {
  const { offsets, members } = graph.edgeToNodes;
  const weights = graph.properties.incidences.weight?.values;
  const hyperedgeColumn = columnMaker(graph.hyperedges);
  const vertexColumn = columnMaker(graph.vertices);
  let hyperedge = 0;
  return (from, to) => {
    const owners: number[] = [];
    for (let i = from; i < to; i++) {
      while (offsets[hyperedge + 1]! <= i) hyperedge += 1;
      owners.push(hyperedge);
    }
    const batch = [
      hyperedgeColumn('hyperedge', owners),
      vertexColumn('vertex', Array.from(members.subarray(from, to))),
    ];
    const numbers = weights && Float64Array.from(weights.subarray(from, to));
    return numbers ? [...batch, { name: 'weight', type: 'number', values: numbers }] : batch;
  };
}

function columnMaker(table: IdTable): (name: string, indexes: readonly number[]) => TableColumn {
  const idOf = idReader(table);
  if (table instanceof RangeIds || table instanceof IntegerIds) {
    return (name, indexes) => ({ name, type: 'integer', values: indexes.map(idOf) as number[] });
  }
  return (name, indexes) => ({ name, type: 'text', values: indexes.map((index) => String(idOf(index))) });
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
