/** Errors about input files: always the file, the line where there is one, and the reason. */
import { AnantError } from '@anant/core';

export interface FilePlace {
  readonly path: string;
  /** Counted from 1. */
  readonly line?: number;
}

export function fileFormatError(
  place: FilePlace,
  reason: string,
  options: { readonly advice?: string; readonly cause?: unknown } = {},
): AnantError<'E_FILE_FORMAT'> {
  const where = place.line === undefined ? place.path : `${place.path}:${place.line}`;
  return new AnantError('E_FILE_FORMAT', `${where}: ${reason}`, {
    details: { path: place.path, ...(place.line !== undefined && { line: place.line }), reason },
    ...(options.advice !== undefined && { advice: options.advice }),
    ...(options.cause !== undefined && { cause: options.cause }),
  });
}

/** What a file system error means to the user. */
export function fileAccessError(path: string, cause: unknown): AnantError {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return notFound(path, 'does not exist', 'Check the path.', cause);
  }
  if (code === 'EISDIR') return notFound(path, 'is a folder, not a file', 'Name a file inside it.', cause);
  if (code === 'EACCES' || code === 'EPERM') {
    return notFound(path, 'may not be read', 'Check the permissions of the file and its folders.', cause);
  }
  return notFound(path, `cannot be read (${String(code ?? cause)})`, 'Check the file and its disk.', cause);
}

function notFound(path: string, what: string, advice: string, cause: unknown): AnantError {
  return new AnantError('E_FILE_NOT_FOUND', `${path} ${what}.`, { advice, cause, details: { path } });
}

/** The reason why one line cannot be used; the reader adds file and line. */
export class LineFault extends Error {
  constructor(
    readonly reason: string,
    readonly advice?: string,
  ) {
    super(reason);
    this.name = 'LineFault';
  }
}
