/** Which files one pass can divide. */
import { detectFormat } from '../formats/detect-format.js';
import type { FormatName } from '../formats/format-names.js';

const ONE_PASS_FORMATS: readonly FormatName[] = ['hyperedges', 'anant'];

/**
 * Whether a file is of a format that is read hyperedge by hyperedge.
 * @param format What the file is; told from the file when left out.
 * @throws AnantError `E_FILE_NOT_FOUND`; `E_FILE_FORMAT` when the format cannot be told
 */
export async function isOnePassFormat(
  path: string,
  format?: FormatName,
  signal?: AbortSignal,
): Promise<boolean> {
  return ONE_PASS_FORMATS.includes(format ?? (await detectFormat(path, signal)).format);
}
