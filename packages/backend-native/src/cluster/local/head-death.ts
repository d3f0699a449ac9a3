/** When nobody answers for the cluster of this folder: whether its heads have ended, and what they wrote last. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import { DRAINED } from '../worker/work.js';
import { isSameProcess } from './process-identity.js';
import { clusterFolder, type LocalCluster, type LocalProcess } from './state-file.js';

/** How much of a log's end is looked at for its last words. */
const LAST_BYTES = 16 * 1024;
const WORDS_CHARACTERS_MAX = 500;
/** How `programLogger` begins a line. */
const LINE = /^\S+Z \S+ (?:debug|info|warn|error): (.*)$/;

/** @returns what to say instead of that it cannot be reached, when none of its heads runs any more */
export function deathOfHeads(
  { head, standbys }: Pick<LocalCluster, 'head' | 'standbys'>,
  directory: string,
): AnantError | undefined {
  const heads = [head, ...standbys];
  if (heads.some(isSameProcess)) return undefined;
  const folder = clusterFolder(directory);
  const logOf = ({ name }: LocalProcess) => join(folder, `${name}.log`);
  const ends = heads.map((each) => {
    const words = lastWords(logOf(each));
    const said = words === undefined ? 'It wrote nothing in its log.' : `The last line of its log: ${words}`;
    return `The ${each.name === 'head' ? 'head' : `head "${each.name}"`} (process ${each.pid}) has ended. ${said}`;
  });
  return new AnantError('E_BACKEND_UNAVAILABLE', ends.join('\n'), {
    advice: `All of it is in ${heads.map(logOf).join(', ')}. \`npx anant down\` ends what is left, \`npx anant up\` starts anew.`,
    details: { heads: heads.map((each) => ({ name: each.name, pid: each.pid, log: logOf(each) })) },
  });
}

/** Whether a worker that has ended did so because it was drained: no trouble. */
export function wasDrained({ name }: LocalProcess, directory: string): boolean {
  return lastWords(join(clusterFolder(directory), `${name}.log`))?.endsWith(DRAINED) === true;
}

/** The last line of a log that begins one; without the stack that may follow it. */
function lastWords(file: string): string | undefined {
  const lines = endOf(file).split('\n').reverse();
  const words = lines.map((line) => LINE.exec(line)?.[1]).find((text) => text !== undefined);
  return words?.slice(0, WORDS_CHARACTERS_MAX);
}

function endOf(file: string): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Buffer.alloc(Math.min(size, LAST_BYTES));
      readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
