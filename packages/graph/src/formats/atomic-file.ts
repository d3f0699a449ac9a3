/** Files written as a whole or not at all: beside their place, then renamed. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AnantError } from '@anant/core';

/** @throws AnantError `E_FILE_WRITE`; what was at `path` before is then untouched. Errors of `write` pass through. */
export async function writeAtomically(
  path: string,
  write: (handle: FileHandle, temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx');
    await write(handle, temporary);
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, path);
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw isSystemError(error) ? fileWriteError(path, error) : error;
  }
}

/** Writes a text file, as a whole or not at all. @throws AnantError `E_FILE_WRITE` */
export async function writeText(path: string, text: string): Promise<void> {
  await writeAtomically(path, (handle) => handle.writeFile(text));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EACCES: 'its folder may not be written to',
  EPERM: 'its folder may not be written to',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
};

export function fileWriteError(path: string, cause: NodeJS.ErrnoException): AnantError<'E_FILE_WRITE'> {
  const reason = REASONS[cause.code ?? ''] ?? `the system says ${cause.code ?? cause.message}`;
  return new AnantError('E_FILE_WRITE', `${path} cannot be written: ${reason}.`, {
    cause,
    advice: 'Check the path, the permissions and the free space of its disk.',
    details: { path },
  });
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && !AnantError.is(error);
}
