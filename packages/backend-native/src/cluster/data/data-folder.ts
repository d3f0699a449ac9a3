/** Whether a folder that a peer names may be used for large buffers: on this machine, of this user, closed to others. */
import { lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

const PLACES: readonly string[] = ['/dev/shm', tmpdir()];

export function isDataFolder(folder: string): boolean {
  if (!PLACES.includes(dirname(folder)) || !/\/anant-embedded-[A-Za-z0-9]+$/.test(folder)) return false;
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
