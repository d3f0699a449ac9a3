/** A graph as a table: triples where it is one of triples, incidences otherwise. In batches, for Parquet and Arrow. */
import type { Hypergraph } from '../hypergraph.js';
import type { IdTable } from '../ids/id-table.js';
import { IntegerIds } from '../ids/integer-ids.js';
import { RangeIds } from '../ids/range-ids.js';
import { DIRECTION_NAMES, type PropertyColumn, type PropertyColumns, valueAt } from '../store/properties.js';
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
  properties: ['vertices.*', 'hyperedges.*', 'incidences.*'],
};

/** Rows of one batch, and of a Parquet row group. */
export const BATCH_ROWS = 100_000;

/** There is at least one batch, so that an empty graph has its columns. */
export function* tableBatches(graph: Hypergraph): Generator<TableBatch> {
  const { vertices, incidences } = graph.properties;
  const isPlain = Object.keys(vertices).length + Object.keys(incidences).length === 0;
  const isTriples = isPlain && whyNotTriples(graph) === undefined && graph.hyperedgeCount > 0;
  const rowCount = isTriples ? graph.hyperedgeCount : graph.incidenceCount;
  const batchOf = isTriples ? tripleBatches(graph) : incidenceBatches(graph);
  for (let from = 0; from === 0 || from < rowCount; from += BATCH_ROWS) {
    yield batchOf(from, Math.min(from + BATCH_ROWS, rowCount));
  }
}

type BatchOf = (from: number, to: number) => TableBatch;

function tripleBatches(graph: Hypergraph): BatchOf {
  const { offsets, members } = graph.edgeToNodes;
  const { relation, ...others } = graph.properties.hyperedges as Record<string, PropertyColumn>;
  const { values, dictionary } = relation!;
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
      ...valueColumns('', others, facts),
    ];
  };
}

function incidenceBatches(graph: Hypergraph): BatchOf {
  const { offsets, members } = graph.edgeToNodes;
  const { vertices, hyperedges, incidences } = graph.properties;
  const hyperedgeColumn = columnMaker(graph.hyperedges);
  const vertexColumn = columnMaker(graph.vertices);
  let hyperedge = 0;
  return (from, to) => {
    const owners: number[] = [];
    for (let i = from; i < to; i++) {
      while (offsets[hyperedge + 1]! <= i) hyperedge += 1;
      owners.push(hyperedge);
    }
    const listed = Array.from(members.subarray(from, to));
    return [
      hyperedgeColumn('hyperedge', owners),
      vertexColumn('vertex', listed),
      ...valueColumns('', incidences, range(from, to)),
      ...valueColumns('hyperedge.', hyperedges, owners),
      ...valueColumns('vertex.', vertices, listed),
    ];
  };
}

/** Properties of the things that rows are about: NaN and the empty text where there is none, 1 for a weight. */
function valueColumns(prefix: string, columns: PropertyColumns, indexes: readonly number[]): TableColumn[] {
  return Object.entries<PropertyColumn>(columns).map(([name, column]) => {
    const values = indexes.map((index) => valueAt(column, index));
    if (name === 'direction' && !column.dictionary) {
      return {
        name: prefix + name,
        type: 'text',
        values: values.map((code) => DIRECTION_NAMES[Number(code)] ?? ''),
      };
    }
    if (column.dictionary) {
      return { name: prefix + name, type: 'text', values: values.map((value) => String(value ?? '')) };
    }
    return {
      name: prefix + name,
      type: 'number',
      values: Float64Array.from(
        values,
        (value) => (value as number | undefined) ?? (name === 'weight' ? 1 : Number.NaN),
      ),
    };
  });
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
