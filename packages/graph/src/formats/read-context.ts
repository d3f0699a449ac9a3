/** What every reader gets, and what it gives back. */
import type { RepeatedMembers } from '../store/assemble.js';
import type { ByteSourceOptions } from './byte-source.js';
import { fileFormatError } from './file-error.js';
import type { RowHints } from './row-profile.js';
import type { RowReport } from './rows.js';

export interface ReadOptions extends RowHints, ByteSourceOptions {
  readonly properties: 'drop' | 'keep';
  readonly badLines: 'refuse' | 'skip';
  readonly lineBytesMax: number;
  /** @default by format */
  readonly repeatedMembers?: RepeatedMembers | undefined;
  /** Vertices from `first` to `last` exist even if no hyperedge holds them. */
  readonly vertexRange?: { readonly first: number; readonly last: number } | undefined;
}

/** @throws AnantError `E_FILE_FORMAT` when a file has no usable row. @returns Warnings about what was skipped. */
export function reportRows(path: string, report: RowReport): string[] {
  const { rows, skipped, firstSkipped } = report;
  if (rows === 0 && skipped === 0) throw fileFormatError({ path }, 'the file has no rows');
  if (firstSkipped === undefined) return [];
  return [
    `${skipped} lines were skipped (badLines); the first: ${path}:${firstSkipped.line}: ${firstSkipped.reason}`,
  ];
}
