/** A task's module with what it imports by relative path, or a kernel alone: named by the digest of its contents. */
import { createHash } from 'node:crypto';

export interface CodeBundle {
  /** Path of the module inside, with `/`. */
  readonly entry: string;
  /** Contents by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Files of one bundle; a module that imports more is not bundled. */
export const BUNDLE_FILES_MAX = 2_000;
/** Bytes of one bundle. */
export const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

/** SHA-256, in hex, of the entry, and of every path with its contents in the order of the paths. */
export function digestOf({ entry, files }: CodeBundle): string {
  const hash = createHash('sha256').update(`${entry}\0`);
  for (const path of Object.keys(files).sort()) {
    const content = files[path]!;
    hash.update(`${path}\0${content.byteLength}\0`).update(content);
  }
  return hash.digest('hex');
}

export function bytesOf({ files }: CodeBundle): number {
  return Object.values(files).reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** What another process sent. @throws TypeError when it is no bundle, or would write outside of its folder */
export function checkBundle(value: unknown): CodeBundle {
  const { entry, files } = (value ?? {}) as Partial<CodeBundle>;
  if (typeof entry !== 'string' || typeof files !== 'object' || files === null) throw malformed('no bundle');
  const contents = Object.entries(files);
  if (contents.length > BUNDLE_FILES_MAX) throw malformed(`${contents.length} files`);
  for (const [path, content] of contents) {
    if (!isInside(path)) throw malformed(`the path "${path}"`);
    if (!(content instanceof Uint8Array)) throw malformed(`no contents of "${path}"`);
  }
  if (files[entry] === undefined) throw malformed(`no entry "${entry}"`);
  const bundle = { entry, files };
  if (bytesOf(bundle) > BUNDLE_BYTES_MAX) throw malformed(`more than ${BUNDLE_BYTES_MAX} bytes`);
  return bundle;
}

const isInside = (path: string): boolean =>
  path !== '' && !path.includes('\\') && path.split('/').every((part) => !['', '.', '..'].includes(part));

const malformed = (what: string): TypeError => new TypeError(`A code bundle came with ${what}.`);
