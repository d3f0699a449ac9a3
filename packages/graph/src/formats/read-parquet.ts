/** Apache Parquet, row group by row group. The library loads when it is needed. */
import type { AsyncBuffer } from 'hyparquet';
import type { GraphDraft } from '../store/assemble.js';
import { checkSignal, openBytes } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { checkMetadata, checkPages } from './parquet-check.js';
import type { ReadOptions } from './read-context.js';
import { type ColumnValues, TableReader } from './read-table.js';

export async function readParquet(path: string, options: ReadOptions): Promise<GraphDraft> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const file = (await inflated(path, options)) ?? (await asyncBufferFromFile(path));
  const metadata = await naming(path, () => parquetMetadataAsync(file));
  const columns = await naming(path, async () => {
    checkMetadata(metadata);
    return parquetSchema(metadata).children.map(({ element }) => element.name);
  });
  const table = new TableReader(path, columns, options);
  let rowStart = 0;
  let bytesRead = 0;
  for (const group of metadata.row_groups) {
    checkSignal(options.signal, path);
    const rowEnd = rowStart + Number(group.num_rows);
    const pieces = new Map<string, ColumnValues[]>(table.wanted.map((name) => [name, []]));
    await naming(path, () => checkPages(file, group, table.wanted));
    await naming(path, () =>
      parquetRead({
        file,
        metadata,
        compressors,
        columns: table.wanted,
        rowStart,
        rowEnd,
        onChunk: ({ columnName, columnData }) => pieces.get(columnName)?.push(columnData),
      }),
    );
    const joined = new Map([...pieces].map(([name, parts]) => [name, joinParts(parts)]));
    table.add({ count: rowEnd - rowStart, columns: joined });
    rowStart = rowEnd;
    bytesRead = Math.min(file.byteLength, bytesRead + Number(group.total_byte_size));
    options.onProgress?.({ path, bytesRead, bytesTotal: file.byteLength });
  }
  options.onProgress?.({ path, bytesRead: file.byteLength, bytesTotal: file.byteLength });
  return table.draft('parquet');
}

/** A gzip file as a whole in memory: Parquet is read from its end. Undefined for any other file. */
async function inflated(path: string, options: ReadOptions): Promise<AsyncBuffer | undefined> {
  const source = await openBytes(path, options);
  if (source.compression === 'none') return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of source.pieces()) pieces.push(piece);
  const bytes = Uint8Array.from(Buffer.concat(pieces)).buffer;
  return { byteLength: bytes.byteLength, slice: (start, end) => bytes.slice(start, end) };
}

function joinParts(parts: readonly ColumnValues[]): ColumnValues {
  return parts.length === 1 ? parts[0]! : parts.flatMap((part) => Array.from(part));
}

/** What the library says of a damaged file, with the file. */
async function naming<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    throw fileFormatError({ path }, `not valid Parquet: ${(cause as Error).message}`, { cause });
  }
}
