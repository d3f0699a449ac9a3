/** Arrow IPC, as a file (Feather version 2) or a stream, batch by batch. The library loads when it is needed. */
import { AnantError } from '@anant/core';
import type { Data, RecordBatch } from 'apache-arrow';
import type { GraphDraft } from '../store/assemble.js';
import { checkedArrow } from './arrow-framing.js';
import { openBytes } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import type { ReadOptions } from './read-context.js';
import { type ColumnValues, TableReader } from './read-table.js';

/** `Type.Union` of the library. */
const UNION = 14;

export async function readArrow(path: string, options: ReadOptions): Promise<GraphDraft> {
  const { RecordBatchReader } = await import('apache-arrow');
  const source = await openBytes(path, options);
  try {
    const bytes = await checkedArrow(source.pieces());
    const reader =
      bytes instanceof Uint8Array ? RecordBatchReader.from(bytes) : await RecordBatchReader.from(bytes);
    await reader.open();
    const columns = reader.schema?.fields.map(({ name }) => name) ?? [];
    const table = new TableReader(path, columns, options);
    const checked = new WeakSet<Data>();
    for await (const batch of reader) {
      table.add({ count: batch.numRows, columns: columnsOf(batch, table.wanted, checked) });
    }
    return table.draft('arrow');
  } catch (cause) {
    if (AnantError.is(cause)) throw cause;
    throw fileFormatError({ path }, `not valid Arrow: ${(cause as Error).message}`, { cause });
  }
}

function columnsOf(
  batch: RecordBatch,
  names: readonly string[],
  checked: WeakSet<Data>,
): ReadonlyMap<string, ColumnValues> {
  return new Map(
    names.map((name) => {
      const column = batch.getChild(name)!;
      for (const data of column.data) checkOffsets(data, checked);
      // Typed arrays of columns with nulls hold zeros in their place.
      return [name, column.nullCount > 0 ? Array.from(column) : column.toArray()];
    }),
  );
}

/**
 * Texts and lists end where the next ones begin: otherwise a few bytes could hold any number of long ones.
 * @param checked What needs no look: dictionaries belong to many batches.
 */
function checkOffsets(data: Data, checked: WeakSet<Data>): void {
  if (checked.has(data)) return;
  checked.add(data);
  const offsets = data.valueOffsets as ArrayLike<number | bigint> | undefined;
  // Unions have offsets of another kind, one per value.
  if (offsets !== undefined && data.typeId !== UNION && data.length > 0) checkRising(data, offsets);
  for (const child of data.children) if (child) checkOffsets(child, checked);
  for (const part of data.dictionary?.data ?? []) checkOffsets(part, checked);
}

function checkRising({ length, values }: Data, offsets: ArrayLike<number | bigint>): void {
  if (offsets.length <= length) throw new Error('it has a column of texts whose ends are missing');
  for (let at = 0; at < length; at++) {
    if (offsets[at]! > offsets[at + 1]!) throw new Error('it has a text that ends before it begins');
  }
  const end = (values as { readonly length?: number } | undefined)?.length;
  if (end !== undefined && offsets[length]! > end) {
    throw new Error('it has a text that ends behind its column');
  }
}
