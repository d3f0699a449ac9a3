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
  if (await isAnantFile(path)) return { format: 'anant', compression: 'none', reason: 'it starts as one' };
  const sample = await readSample(path, signal);
  const { compression } = sample;
  const [format, reason] = detectInSample(sample);
  return { format, compression, reason };
}

async function isAnantFile(path: string): Promise<boolean> {
  return isMagic((await readHead(path, HEADER_BYTES)).head);
}

type Verdict = readonly [format: FormatName, reason: string];

function detectInSample(sample: Sample): Verdict {
  const name = basename(sample.path).toLowerCase().replace(/\.gz$/, '');
  const text = sample.lines.find((line) => line.trim() !== '') ?? '';
  if (text.includes('\0')) throw fileFormatError(sample, 'the file is not a text file', { advice: ADVICE });
  if (text.trimStart().startsWith('{')) return ['hif', 'a JSON object'];
  if (name.endsWith('.hgr')) return ['hmetis', 'the name ends in .hgr'];
  return detectRows(sample, name);
}

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
