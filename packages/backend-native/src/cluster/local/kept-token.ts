/** The token of a cluster that may come back: drivers that wait for it know no other one. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalLevel } from '../journal/journal.js';
import { clusterFolder, readLocalCluster } from './state-file.js';

const FILE = 'token';

/**
 * That of a cluster of this folder that broke down, or that ended and left a journal; else a new one. Beside a journal it is
 * kept, for this user only.
 */
export function tokenOf(directory: string, journal: JournalLevel = 'memory'): string {
  const path = join(clusterFolder(directory), FILE);
  const token = readLocalCluster(directory)?.token || keptIn(path) || randomBytes(32).toString('base64url');
  if (journal !== 'memory') writeFileSync(path, token, { mode: 0o600 });
  return token;
}

function keptIn(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^[\w-]{43}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
