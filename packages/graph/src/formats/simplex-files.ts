/** The files of a set of simplex triples: `NAME-nverts`, `NAME-simplices` and, if there, `-times` and `-node-labels`. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileAccessError, fileFormatError } from './file-error.js';

export interface SimplexFiles {
  readonly name: string;
  readonly nverts: string;
  readonly simplices: string;
  readonly times: string | undefined;
  readonly nodeLabels: string | undefined;
}

const MEMBER = /^(.+)-(nverts|simplices|times|node-labels|simplex-labels)(\.txt)?(\.gz)?$/;

/** The set that `path` belongs to: the folder of one set, or one of its files. Undefined when it is neither. */
export async function findSimplexFiles(path: string): Promise<SimplexFiles | undefined> {
  const isFolder = await isDirectory(path);
  const folder = isFolder ? path : dirname(path);
  const wanted = isFolder ? undefined : MEMBER.exec(basename(path))?.[1];
  if (!isFolder && wanted === undefined) return undefined;
  const found = new Map<string, string[]>();
  for (const file of (await list(folder)).sort()) {
    const [, name, part] = MEMBER.exec(file) ?? [];
    if (name !== undefined && (wanted === undefined || name === wanted)) {
      found.set(`${name}\n${part}`, [...(found.get(`${name}\n${part}`) ?? []), join(folder, file)]);
    }
  }
  const names = [...found.keys()].filter((key) => key.endsWith('\nnverts')).map((key) => key.split('\n')[0]!);
  if (names.length === 0) return undefined;
  if (names.length > 1) {
    throw fileFormatError({ path }, `the folder holds several sets: ${names.join(', ')}`, {
      advice: `Name one of their files, for example ${names[0]}-nverts.txt.`,
    });
  }
  return filesOf(folder, names[0]!, found);
}

function filesOf(folder: string, name: string, found: ReadonlyMap<string, readonly string[]>): SimplexFiles {
  const pick = (part: string): string | undefined => {
    const files = found.get(`${name}\n${part}`) ?? [];
    if (files.length < 2) return files[0];
    throw fileFormatError({ path: folder }, `there are several files for one part: ${files.join(', ')}`, {
      advice: 'Keep one of them.',
    });
  };
  const nverts = pick('nverts');
  const simplices = pick('simplices');
  if (nverts === undefined || simplices === undefined) {
    const missing = `${name}-${nverts === undefined ? 'nverts' : 'simplices'}.txt`;
    throw fileFormatError({ path: folder }, `the file ${missing} (or .txt.gz) is missing beside the others`);
  }
  return { name, nverts, simplices, times: pick('times'), nodeLabels: pick('node-labels') };
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw fileAccessError(path, cause);
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw fileAccessError(folder, cause);
  }
}
