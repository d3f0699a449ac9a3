/** Reads a graph file of any known format. */
import { stat } from 'node:fs/promises';
import { AnantError, type KernelMemory } from '@anant/core';
import { openParts } from '../container/open-graph.js';
import { assemble, type GraphDraft, type RepeatedMembers } from '../store/assemble.js';
import type { GraphParts } from '../store/graph-parts.js';
import { checkSignal, findGzipError, type LoadProgress } from './byte-source.js';
import { detectFormat } from './detect-format.js';
import type { Separator } from './fields.js';
import { fileFormatError } from './file-error.js';
import { FORMATS, type FormatName } from './format-names.js';
import { readAdjacency } from './read-adjacency.js';
import { readArrow } from './read-arrow.js';
import type { ReadOptions } from './read-context.js';
import { readCoo } from './read-coo.js';
import { readEdges } from './read-edges.js';
import { readFacts, readNamedFacts, readTriples } from './read-facts.js';
import { readGraphml } from './read-graphml.js';
import { readHif } from './read-hif.js';
import { readHmetis } from './read-hmetis.js';
import { readHyperedges } from './read-hyperedges.js';
import { readBipartite, readIncidences } from './read-incidences.js';
import { readAdjacencyMatrix, readMatrixMarket } from './read-matrix-market.js';
import { readMetis } from './read-metis.js';
import { readParquet } from './read-parquet.js';
import { readNtriples, readTurtle } from './read-rdf.js';
import { readSimplices } from './read-simplices.js';
import { readXgi } from './read-xgi.js';
import { findSimplexFiles, type SimplexFiles } from './simplex-files.js';
import type { IdKind } from './tokens.js';

export interface LoadOptions {
  /** @default told from the file */
  readonly format?: FormatName;
  /** Kind of ids in rows. `auto` goes by the first row; integers are then required throughout. @default 'auto' */
  readonly ids?: 'auto' | IdKind;
  /** Between the fields of rows. @default told from the file; then other separators are refused */
  readonly separator?: Separator;
  /** `auto` takes a first row of known column names as a header. @default 'auto' */
  readonly header?: 'auto' | 'skip' | 'none';
  /** What happens to a line that cannot be used. Skipped lines are counted in `source.warnings`. @default 'refuse' */
  readonly badLines?: 'refuse' | 'skip';
  /** Longest line, or HIF record, in bytes; a longer one is refused. @default 4194304 (4 MiB) */
  readonly lineBytesMax?: number;
  /** Whether weights, times and relations are kept beside the structure; directions always are. @default 'drop' */
  readonly properties?: 'drop' | 'keep';
  /** What happens to a member that a hyperedge lists again. @default 'merge'; 'keep' for facts and adjacency, where places are roles */
  readonly repeatedMembers?: RepeatedMembers;
  /** Integer ids that exist even if no hyperedge holds them, the first and the last. */
  readonly vertexRange?: { readonly first: number; readonly last: number };
  /** Where the arrays go. @default a memory of its own */
  readonly memory?: KernelMemory;
  /** Called as reading goes on; bytes are those on disk, over all files of the graph. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Ends reading with `E_CANCELLED`. */
  readonly signal?: AbortSignal;
}

const LINE_BYTES_MAX = 4_194_304;

type FileFormat = Exclude<FormatName, 'simplices' | 'anant'>;

const READERS: Readonly<Record<FileFormat, (path: string, options: ReadOptions) => Promise<GraphDraft>>> = {
  hif: readHif,
  hyperedges: readHyperedges,
  incidences: readIncidences,
  adjacency: readAdjacency,
  edges: readEdges,
  triples: readTriples,
  facts: readFacts,
  'named-facts': readNamedFacts,
  hmetis: readHmetis,
  metis: readMetis,
  bipartite: readBipartite,
  coo: readCoo,
  'matrix-market': readMatrixMarket,
  'matrix-market-adjacency': readAdjacencyMatrix,
  graphml: readGraphml,
  ntriples: readNtriples,
  turtle: readTurtle,
  xgi: readXgi,
  parquet: readParquet,
  arrow: readArrow,
};

/** @throws AnantError `E_FILE_NOT_FOUND`, `E_FILE_FORMAT`, `E_OUT_OF_MEMORY`, `E_CANCELLED` */
export async function loadParts(path: string, options: LoadOptions): Promise<GraphParts> {
  if (options.format !== undefined && !FORMATS.includes(options.format)) {
    throw new TypeError(`The format must be one of ${FORMATS.join(', ')}, not "${options.format}".`);
  }
  checkSignal(options.signal, path);
  const format = options.format ?? (await detected(path, options.signal));
  if (format === 'anant') return openWhole(path, options);
  const draft = await readDraft(path, format, options);
  checkSignal(options.signal, path);
  return assemble(draft, options.memory);
}

async function openWhole(path: string, { memory, signal, onProgress }: LoadOptions): Promise<GraphParts> {
  const parts = await openParts(path, { ...(memory && { memory }), ...(signal && { signal }) });
  const bytesTotal = (await stat(path)).size;
  onProgress?.({ path, bytesRead: bytesTotal, bytesTotal });
  return parts;
}

async function detected(path: string, signal: AbortSignal | undefined): Promise<FormatName> {
  return namingGzip(async () => (await detectFormat(path, signal)).format);
}

async function readDraft(
  path: string,
  format: Exclude<FormatName, 'anant'>,
  options: LoadOptions,
): Promise<GraphDraft> {
  return namingGzip(() =>
    format === 'simplices' ? readSet(path, options) : readFile(path, format, options),
  );
}

/** Corrupt gzip data can look like malformed text: the error then names the gzip data. */
async function namingGzip<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!AnantError.is(error, 'E_FILE_FORMAT')) throw error;
    const { path: file, line } = error.details as { path: string; line?: number };
    throw (await findGzipError(file, line ?? 1)) ?? error;
  }
}

async function readFile(path: string, format: FileFormat, options: LoadOptions): Promise<GraphDraft> {
  return READERS[format](path, resolve(options, options.onProgress));
}

async function readSet(path: string, options: LoadOptions): Promise<GraphDraft> {
  const files = await findSimplexFiles(path);
  if (!files) {
    throw fileFormatError({ path }, 'this is neither a folder with simplex triples nor one of their files', {
      advice: 'Name the folder, or the file NAME-nverts.txt or NAME-simplices.txt (they may end in .gz).',
    });
  }
  return readSimplices(files, resolve(options, await overall(files, options)));
}

/** Progress over all files of a set, which are read one after the other. */
async function overall(
  files: SimplexFiles,
  { onProgress, properties }: LoadOptions,
): Promise<LoadOptions['onProgress']> {
  if (!onProgress) return undefined;
  const paths = [
    files.nverts,
    files.nodeLabels,
    files.simplices,
    properties === 'keep' ? files.times : undefined,
  ];
  const known = paths.filter((path) => path !== undefined);
  const sizes = await Promise.all(known.map(async (path) => (await stat(path)).size));
  const bytesTotal = sizes.reduce((sum, size) => sum + size, 0);
  return ({ path, bytesRead }) => {
    const before = sizes.slice(0, known.indexOf(path)).reduce((sum, size) => sum + size, 0);
    onProgress({ path, bytesRead: before + bytesRead, bytesTotal });
  };
}

function resolve(options: LoadOptions, onProgress: LoadOptions['onProgress']): ReadOptions {
  return {
    ...options,
    onProgress,
    properties: options.properties ?? 'drop',
    badLines: options.badLines ?? 'refuse',
    lineBytesMax: options.lineBytesMax ?? LINE_BYTES_MAX,
  };
}
