/** Folders only this user may enter: for the socket of a bridge, and for large buffers. */
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket path of the system holds 107 characters. */
const SOCKET_PATH_MAX = 107;
const SOCKET_NAME = 'bridge.sock';
/** Free room a memory file system needs to be worth using. */
const SHARED_BYTES_MIN = 1024 * 1024 * 1024;

/** The name says whose folder it is, should the machine be switched off. */
const prefixIn = (base: string): string => join(base, `anant-${process.pid}-`);

/** Makes a folder for the socket of one bridge process. `mkdtemp` creates it with mode 0700. */
export async function makeSocketFolder(): Promise<{ readonly folder: string; readonly endpoint: string }> {
  for (const base of [tmpdir(), '/tmp']) {
    const folder = await mkdtemp(prefixIn(base));
    const path = join(folder, SOCKET_NAME);
    if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return { folder, endpoint: `ipc://${path}` };
    await removeFolder(folder);
  }
  throw new TypeError(`No folder for temporary files has a path short enough for a socket.`);
}

/** Name of the file by which the other side proves that it can read the shared folder. */
export const PROBE_NAME = 'probe';

/** Makes a folder for large buffers, in memory where there is room. */
export async function makeSharedFolder(): Promise<string> {
  const folder = await mkdtemp(prefixIn(await sharedBase()));
  await writeFile(join(folder, PROBE_NAME), 'anant', { mode: 0o600 });
  return folder;
}

async function sharedBase(): Promise<string> {
  const memory = '/dev/shm';
  try {
    const { bavail, bsize } = await statfs(memory);
    if (bavail * bsize >= SHARED_BYTES_MIN) return memory;
  } catch {
    // Not a Linux system: files on disk do as well.
  }
  return tmpdir();
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
