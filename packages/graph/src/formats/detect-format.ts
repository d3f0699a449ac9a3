/** Which format a file has, told by its content first and its name second. Says why, or that it cannot tell. */
import { basename } from 'node:path';
import { HEADER_BYTES, isMagic } from '../container/layout.js';
import { readHead } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import { FORMATS, type FormatName } from './format-names.js';
import { isColumn, profileRows } from './row-profile.js';
import { readSample, type Sample } from './sample.js';
import { findSimplexFiles } from './simplex-files.js';

export interface DetectedFormat {
  readonly format: FormatName;
  readonly compression: 'gzip' | 'none';
  /** Why, for people. */
  readonly reason: string;
}

const ADVICE = `Name the format: ${FORMATS.join(', ')}.`;

/**
 * @throws AnantError `E_FILE_NOT_FOUND`; `E_FILE_FORMAT` when the file is empty or several formats fit it.
 */
export async function detectFormat(path: string, signal?: AbortSignal): Promise<DetectedFormat> {
  const simplexFiles = await findSimplexFiles(path);
  if (simplexFiles) {
    const { compression } = await readSample(simplexFiles.nverts, signal);
    return { format: 'simplices', compression, reason: `the files of the set ${simplexFiles.name}` };
  }
  const binary = binaryFormatOf((await readHead(path, HEADER_BYTES)).head);
  if (binary) return { format: binary, compression: 'none', reason: 'it starts as one' };
  const sample = await readSample(path, signal);
  const { compression } = sample;
  const [format, reason] = detectInSample(sample);
  return { format, compression, reason };
}

function binaryFormatOf(head: Uint8Array): FormatName | undefined {
  if (isMagic(head)) return 'anant';
  return tableFormatOf(Buffer.from(head.subarray(0, 6)).toString('latin1'));
}

function tableFormatOf(start: string): 'arrow' | 'parquet' | undefined {
  if (start.startsWith('ARROW1')) return 'arrow';
  return start.startsWith('PAR1') ? 'parquet' : undefined;
}

type Verdict = readonly [format: FormatName, reason: string];

function detectInSample(sample: Sample): Verdict {
  const name = basename(sample.path).toLowerCase().replace(/\.gz$/, '');
  const text = sample.lines.find((line) => line.trim() !== '') ?? '';
  const table = tableFormatOf(sample.lines[0] ?? '');
  if (table) return [table, 'it starts as one'];
  if (text.includes('\0')) throw fileFormatError(sample, 'the file is not a text file', { advice: ADVICE });
  const marked = markedFormatOf(sample, text, name);
  if (marked) return marked;
  if (name.endsWith('.hgr')) return ['hmetis', 'the name ends in .hgr'];
  if (name.endsWith('.graph')) return ['metis', 'the name ends in .graph'];
  return detectRows(sample, name);
}

/** Formats that say what they are in their first line, or by their name. */
function markedFormatOf(sample: Sample, text: string, name: string): Verdict | undefined {
  const start = text.trimStart();
  if (start.startsWith('{')) {
    const isXgi = /"(edge-dict|node-data|hypergraph-data)"\s*:/.test(sample.lines.join('\n'));
    return isXgi ? ['xgi', 'a JSON object with fields of XGI'] : ['hif', 'a JSON object'];
  }
  if (/^<(\?xml|graphml|!)/i.test(start)) return ['graphml', 'XML'];
  if (/^%%MatrixMarket/i.test(start)) {
    return /symmetric\s*$/i.test(start)
      ? ['matrix-market-adjacency', 'a symmetric Matrix Market file']
      : ['matrix-market', 'a Matrix Market file'];
  }
  if (name.endsWith('.ttl') || /^(@prefix|@base|PREFIX|BASE)\s/.test(start)) return ['turtle', 'Turtle'];
  const first = dataLines(sample)[0] ?? '';
  if (name.endsWith('.nt') || NTRIPLES_LINE.test(first)) return ['ntriples', 'N-Triples'];
  return undefined;
}

const NTRIPLES_LINE = /^(<[^<>\s]*>|_:\S+)\s+<[^<>\s]*>\s+(<[^<>\s]*>|_:\S+|".*"\S*)\s*\.\s*(#.*)?$/;

function detectRows(sample: Sample, name: string): Verdict {
  const { columns, separator } = profileRows(sample, { header: 'auto', ids: 'text' }, ['#', '%']);
  const counts = fieldCounts(sample, separator);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const shape = `${separator}-separated, ${least === most ? least : `${least} to ${most}`} columns`;
  if (columns.some((column) => isColumn(column, 'hyperedge')))
    return ['incidences', 'a header that names hyperedges'];
  if (isColumn(columns[0], 'source')) {
    return isColumn(columns[1], 'relation')
      ? ['triples', 'a header of triples']
      : ['edges', 'a header of edges'];
  }
  if (name.startsWith('hyperedges') || name.endsWith('.adj') || name.endsWith('.adj.txt')) {
    return ['hyperedges', 'the name says lists of members'];
  }
  if (least === 2 && most === 2) {
    if (/\.(csv|tsv)$/.test(name)) return ['incidences', `${shape} in a .csv or .tsv file`];
    return ['edges', shape];
  }
  if (separator === 'tab' && !isIntegers(sample)) {
    if (least === 3 && most === 3) return ['triples', shape];
    if (most > 3) return ['facts', shape];
  }
  if (least !== most && isIntegers(sample)) return ['hyperedges', `${shape}, integers`];
  throw fileFormatError(sample, `several formats fit the file (${shape})`, { advice: ADVICE });
}

function dataLines(sample: Sample): string[] {
  return sample.lines.filter((line) => line.trim() !== '' && !/^[#%]/.test(line));
}

const PATTERNS = { tab: /\t/, comma: /,/, semicolon: /;/, space: / +/ } as const;

function fieldCounts(sample: Sample, separator: keyof typeof PATTERNS): number[] {
  return dataLines(sample).map((line) => line.trim().split(PATTERNS[separator]).length);
}

const isIntegers = (sample: Sample): boolean => dataLines(sample).every((line) => /^[\d\t,; ]+$/.test(line));
