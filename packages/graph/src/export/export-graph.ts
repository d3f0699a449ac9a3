/** `exportGraph`: a hypergraph as a file of another format, as a whole or not at all. */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AnantError } from '@anant/core';
import { writeAtomically } from '../formats/atomic-file.js';
import type { Hypergraph } from '../hypergraph.js';
import type { GraphWriter, Piece, RowSeparator } from './export-format.js';
import { graphmlWriter } from './graphml-writer.js';
import { hifWriter, xgiWriter } from './json-writers.js';
import { lossesOf, whyNotApart } from './losses.js';
import { adjacencyMatrixWriter, hmetisWriter, matrixMarketWriter } from './matrix-writers.js';
import { metisWriter } from './metis-writer.js';
import { ntriplesWriter, turtleWriter } from './rdf-writers.js';
import {
  bipartiteWriter,
  cooWriter,
  edgesWriter,
  factsWriter,
  hyperedgesWriter,
  incidencesWriter,
  namedFactsWriter,
  triplesWriter,
} from './row-writers.js';
import { SIMPLICES_KEEPS, whyNotSimplices, writeSimplices } from './simplex-writer.js';
import { arrowWriter, parquetWriter } from './table-writers.js';

const WRITERS = {
  hif: hifWriter,
  xgi: xgiWriter,
  hyperedges: hyperedgesWriter,
  incidences: incidencesWriter,
  bipartite: bipartiteWriter,
  coo: cooWriter,
  edges: edgesWriter,
  triples: triplesWriter,
  facts: factsWriter,
  'named-facts': namedFactsWriter,
  hmetis: hmetisWriter,
  metis: metisWriter,
  'matrix-market': matrixMarketWriter,
  'matrix-market-adjacency': adjacencyMatrixWriter,
  graphml: graphmlWriter,
  ntriples: ntriplesWriter,
  turtle: turtleWriter,
  parquet: parquetWriter,
  arrow: arrowWriter,
} as const satisfies Readonly<Record<string, GraphWriter>>;

/** Simplex triples are a folder, every other format a file. */
export type ExportFormatName = keyof typeof WRITERS | 'simplices';
export const EXPORT_FORMATS: readonly ExportFormatName[] = [
  ...(Object.keys(WRITERS) as (keyof typeof WRITERS)[]),
  'simplices',
];

export interface ExportOptions {
  /** @default by the end of the name */
  readonly format?: ExportFormatName;
  /** Ends writing with `E_CANCELLED`. */
  readonly signal?: AbortSignal;
}

export interface ExportReport {
  readonly format: ExportFormatName;
  /** Size on disk. */
  readonly bytes: number;
  /** What the format cannot hold and was left out, in sentences. */
  readonly warnings: readonly string[];
}

/** Formats by how names end; `.gz` behind it compresses. */
const ENDINGS: readonly (readonly [ending: string, format: ExportFormatName])[] = [
  ['.xgi.json', 'xgi'],
  ['.json', 'hif'],
  ['.csv', 'incidences'],
  ['.tsv', 'incidences'],
  ['.hgr', 'hmetis'],
  ['.graph', 'metis'],
  ['.mtx', 'matrix-market'],
  ['.graphml', 'graphml'],
  ['.nt', 'ntriples'],
  ['.ttl', 'turtle'],
  ['.parquet', 'parquet'],
  ['.arrow', 'arrow'],
  ['.feather', 'arrow'],
];

/**
 * @throws AnantError `E_GRAPH_INVALID` when the graph does not fit the format or none is known, `E_FILE_WRITE`,
 * `E_CANCELLED`
 */
export async function exportGraph(
  graph: Hypergraph,
  path: string,
  options: ExportOptions = {},
): Promise<ExportReport> {
  const name = basename(path).toLowerCase();
  const plain = name.replace(/\.gz$/, '');
  const format = options.format ?? formatOf(plain, path);
  if (format === 'simplices') return exportSimplices(graph, path, options);
  const writer: GraphWriter | undefined = WRITERS[format];
  if (writer === undefined) {
    throw new TypeError(`The format must be one of ${EXPORT_FORMATS.join(', ')}, not "${format}".`);
  }
  requireFit(format, writer.unfit?.(graph) ?? whyNotApart(graph, writer.keeps));
  const separator: RowSeparator = /\.(csv|edges|incidences)$/.test(plain) ? 'comma' : 'tab';
  const pieces = writer.pieces(graph, separator);
  await write(path, pieces, { isGzip: name !== plain, signal: options.signal });
  return { format, bytes: (await stat(path)).size, warnings: lossesOf(graph, writer.keeps) };
}

async function exportSimplices(
  graph: Hypergraph,
  path: string,
  { signal }: ExportOptions,
): Promise<ExportReport> {
  requireFit('simplices', whyNotSimplices(graph));
  const bytes = await writeSimplices(graph, path, (file, pieces) =>
    write(file, pieces, { isGzip: false, signal }),
  );
  return { format: 'simplices', bytes, warnings: lossesOf(graph, SIMPLICES_KEEPS) };
}

function requireFit(format: ExportFormatName, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new AnantError('E_GRAPH_INVALID', `The graph does not fit the format "${format}": ${reason}.`, {
    advice: 'Choose another format; hif and anant hold any graph.',
  });
}

function formatOf(plain: string, path: string): ExportFormatName {
  const found = ENDINGS.find(([ending]) => plain.endsWith(ending));
  if (found) return found[1];
  throw new AnantError('E_GRAPH_INVALID', `The name ${path} does not say which format to write.`, {
    advice: `Name the format: ${EXPORT_FORMATS.join(', ')}.`,
  });
}

interface WriteOptions {
  readonly isGzip: boolean;
  readonly signal: AbortSignal | undefined;
}

async function write(
  path: string,
  pieces: Iterable<Piece> | AsyncIterable<Piece>,
  { isGzip, signal }: WriteOptions,
): Promise<void> {
  await writeAtomically(path, async (handle) => {
    const source = Readable.from(pieces, { objectMode: true });
    const target = async (chunks: AsyncIterable<Piece>): Promise<void> => {
      for await (const chunk of chunks) await handle.writeFile(chunk);
    };
    const options = signal ? { signal } : {};
    try {
      if (isGzip) await pipeline(source, createGzip(), target, options);
      else await pipeline(source, target, options);
    } catch (cause) {
      if (!signal?.aborted) throw cause;
      throw new AnantError('E_CANCELLED', `Writing ${path} was cancelled.`, { cause: signal.reason });
    }
  });
}
