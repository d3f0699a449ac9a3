/** Parquet and Arrow, batch by batch. Their libraries load when they are needed. */
import { pipeline, Readable } from 'node:stream';
import type { Hypergraph } from '../hypergraph.js';
import type { GraphWriter } from './export-format.js';
import { BATCH_ROWS, TABLE_KEEPS, type TableBatch, type TableColumn, tableBatches } from './graph-table.js';

/** Apache Parquet, one row group a batch, Snappy. */
export const parquetWriter: GraphWriter = { keeps: TABLE_KEEPS, pieces: parquet };

/** The Arrow IPC file format (Feather version 2), uncompressed. */
export const arrowWriter: GraphWriter = { keeps: TABLE_KEEPS, pieces: arrow };

const PARQUET_TYPES = { integer: 'INT64', text: 'STRING', number: 'DOUBLE' } as const;

async function* parquet(graph: Hypergraph): AsyncGenerator<Uint8Array> {
  const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer');
  const bytes = new ByteWriter();
  const taken = (): Uint8Array => {
    const piece = bytes.getBytes().slice();
    bytes.index = 0;
    return piece;
  };
  let writer: InstanceType<typeof ParquetWriter> | undefined;
  for (const batch of tableBatches(graph)) {
    const columnData = batch.map((column) => ({
      name: column.name,
      type: PARQUET_TYPES[column.type],
      nullable: false,
      data: column.type === 'integer' ? column.values.map(BigInt) : [...column.values],
    }));
    writer ??= new ParquetWriter({ writer: bytes, schema: schemaFromColumnData({ columnData }) });
    const rows = batch[0]!.values.length;
    if (rows > 0) {
      const untyped = columnData.map(({ name, data }) => ({ name, data }));
      await writer.write({ columnData: untyped, rowGroupSize: BATCH_ROWS });
    }
    yield taken();
  }
  await writer?.finish();
  yield taken();
}

async function* arrow(graph: Hypergraph): AsyncGenerator<Uint8Array> {
  const { Float64, Int64, RecordBatchFileWriter, Table, Utf8, vectorFromArray } = await import(
    'apache-arrow'
  );
  const vectorOf = (column: TableColumn) => {
    if (column.type === 'text') return vectorFromArray(column.values, new Utf8());
    if (column.type === 'number') return vectorFromArray(Array.from(column.values), new Float64());
    return vectorFromArray(column.values.map(BigInt), new Int64());
  };
  const tableOf = (batch: TableBatch) =>
    new Table(Object.fromEntries(batch.map((column) => [column.name, vectorOf(column)])));
  const batches = function* () {
    for (const batch of tableBatches(graph)) yield* tableOf(batch).batches;
  };
  const writer = RecordBatchFileWriter.throughNode();
  // An error of the source reaches the loop below by destroying the writer.
  pipeline(Readable.from(batches()), writer, () => undefined);
  for await (const chunk of writer) yield chunk as Uint8Array;
}
