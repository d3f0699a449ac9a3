/** The epoch of a head without shared state: a number in its folder that grows with every start. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'epoch';

/** The next epoch, durable before it is used. Without a folder: seconds, which grow between starts of one machine. */
export function nextEpoch(folder: string | undefined): number {
  if (folder === undefined) return Math.floor(Date.now() / 1000);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, FILE);
  const epoch = lastEpoch(path) + 1;
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, `${epoch}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  return epoch;
}

function lastEpoch(path: string): number {
  try {
    const epoch = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(epoch) && epoch > 0 ? epoch : 0;
  } catch {
    return 0;
  }
}
