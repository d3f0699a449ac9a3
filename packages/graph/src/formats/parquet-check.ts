/**
 * Whether the numbers of a Parquet file agree, looked at before the library makes arrays of them: it believes every count
 * and every size. Parquet format, "Metadata" and "Data Pages". A count that was changed no longer agrees with the others.
 */
import type { AsyncBuffer, ColumnMetaData, FileMetaData } from 'hyparquet';

/** A page up to this size need not agree with the size of its column, which some writers count without headers. */
const PAGE_BYTES_FREE = 67_108_864;

/** The schema and the counts of rows. @throws Error saying what is wrong */
export function checkMetadata({ schema, num_rows, row_groups }: FileMetaData): void {
  if (schema.length === 0 || schema.some(({ name }) => typeof name !== 'string' || name === '')) {
    throw new Error('its schema has a column without a name');
  }
  const children = schema.reduce((sum, { num_children }) => sum + Math.max(0, num_children ?? 0), 0);
  if (children !== schema.length - 1) throw new Error('its schema has more or fewer columns than it says');
  let rows = 0n;
  for (const group of row_groups) {
    if (group.num_rows < 0n) throw new Error(`it has a row group of ${group.num_rows} rows`);
    rows += group.num_rows;
  }
  if (rows !== num_rows) throw new Error(`it says ${num_rows} rows, its row groups ${rows}`);
}

/**
 * The pages of the wanted columns of one row group. Columns that are no lists have a value in every row.
 * @throws Error saying what is wrong
 */
export async function checkPages(
  file: AsyncBuffer,
  { num_rows, columns }: FileMetaData['row_groups'][number],
  wanted: readonly string[],
): Promise<void> {
  for (const { meta_data: column } of columns) {
    if (column === undefined) throw new Error('it has a column without metadata');
    const [name = '', ...inner] = column.path_in_schema;
    if (!wanted.includes(name)) continue;
    if (inner.length === 0 && column.num_values !== num_rows) {
      throw new Error(`column "${name}" has ${column.num_values} values in ${num_rows} rows`);
    }
    await checkColumn(file, column, name);
  }
}

async function checkColumn(file: AsyncBuffer, column: ColumnMetaData, name: string): Promise<void> {
  const { parquetHeader } = await import('hyparquet/src/column.js');
  const start = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = start + Number(column.total_compressed_size);
  if (!(start >= 0 && start <= end && end <= file.byteLength))
    throw new Error(`column "${name}" lies outside of it`);
  const reader = { view: new DataView(await file.slice(start, end)), offset: 0 };
  const pageBytesMax = Math.max(PAGE_BYTES_FREE, Number(column.total_uncompressed_size));
  let valuesLeft = Number(column.num_values);
  while (valuesLeft > 0 && reader.offset < reader.view.byteLength) {
    const header = parquetHeader(reader);
    const { compressed_page_size: stored, uncompressed_page_size: bytes } = header;
    if (!(stored >= 0 && bytes >= 0 && bytes <= pageBytesMax)) {
      throw new Error(`column "${name}" has a page of ${stored} bytes that says it has ${bytes}`);
    }
    reader.offset += stored;
    if (reader.offset > reader.view.byteLength)
      throw new Error(`column "${name}" has a page that ends behind it`);
    const inDictionary = header.dictionary_page_header?.num_values ?? 0;
    if (!(inDictionary >= 0 && inDictionary <= 8 * bytes)) {
      throw new Error(`column "${name}" has a dictionary of ${inDictionary} values in ${bytes} bytes`);
    }
    const values = header.data_page_header?.num_values ?? header.data_page_header_v2?.num_values ?? 0;
    if (!(values >= 0 && values <= valuesLeft))
      throw new Error(`column "${name}" has more values than it says`);
    valuesLeft -= values;
  }
  if (valuesLeft > 0) throw new Error(`column "${name}" has fewer values than it says`);
}
