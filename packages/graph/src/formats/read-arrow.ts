/** Arrow IPC, as a file (Feather version 2) or a stream, batch by batch. The library loads when it is needed. */
import { AnantError } from '@anant/core';
import type { RecordBatch } from 'apache-arrow';
import type { GraphDraft } from '../store/assemble.js';
import { openBytes } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import type { ReadOptions } from './read-context.js';
import { type ColumnValues, TableReader } from './read-table.js';

export async function readArrow(path: string, options: ReadOptions): Promise<GraphDraft> {
  const { RecordBatchReader } = await import('apache-arrow');
  const source = await openBytes(path, options);
  try {
    const reader = await RecordBatchReader.from(source.pieces());
    await reader.open();
    const columns = reader.schema?.fields.map(({ name }) => name) ?? [];
    const table = new TableReader(path, columns, options);
    for await (const batch of reader) {
      table.add({ count: batch.numRows, columns: columnsOf(batch, table.wanted) });
    }
    return table.draft('arrow');
  } catch (cause) {
    if (AnantError.is(cause)) throw cause;
    throw fileFormatError({ path }, `not valid Arrow: ${(cause as Error).message}`, { cause });
  }
}

function columnsOf(batch: RecordBatch, names: readonly string[]): ReadonlyMap<string, ColumnValues> {
  return new Map(
    names.map((name) => {
      const column = batch.getChild(name)!;
      // Typed arrays of columns with nulls hold zeros in their place.
      return [name, column.nullCount > 0 ? Array.from(column) : column.toArray()];
    }),
  );
}
