/** Gathers a module and what it imports by relative path, as text says: packages by name are the worker's own. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AnantError } from '@anant/core';
import { BUNDLE_BYTES_MAX, BUNDLE_FILES_MAX, type CodeBundle } from './code-bundle.js';

/** Static and dynamic imports, re-exports, `require` and `new URL(…, import.meta.url)` of a literal relative path. */
const REFERENCES =
  /(?:\bfrom|\bimport|\brequire|\bnew\s+URL)\s*\(?\s*(?:\/\*.*?\*\/\s*)?['"](\.{1,2}\/[^'"\n]+)['"]/g;
const CODE = /\.[cm]?[jt]sx?$/;
const EXTENSIONS = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];
/** What TypeScript sources call `x.js` and have as `x.ts`. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
};

/** @throws AnantError `E_TASK_NOT_FOUND` when the module cannot be read, `E_PAYLOAD_TOO_LARGE` beyond a bundle's bounds */
export function importClosure(module: string): CodeBundle {
  const entry = fileURLToPath(module);
  const contents = new Map<string, Uint8Array>();
  const waiting = [entry];
  let bytes = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (contents.has(path)) continue;
    const content = read(path, module);
    contents.set(path, content);
    bytes += content.byteLength;
    if (contents.size > BUNDLE_FILES_MAX || bytes > BUNDLE_BYTES_MAX) throw tooLarge(module);
    if (CODE.test(path)) waiting.push(...referencesOf(path, content));
  }
  return pack(entry, contents);
}

function referencesOf(path: string, content: Uint8Array): string[] {
  const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');
  return [...text.matchAll(REFERENCES)].flatMap(
    ([, specifier]) => locate(resolve(dirname(path), specifier!)) ?? [],
  );
}

/** The file a relative import means, or none: what only looks like an import is left out. */
function locate(path: string): string | undefined {
  const extension = extname(path);
  const bare = path.slice(0, path.length - extension.length);
  const candidates = [
    path,
    ...(SOURCES[extension] ?? []).map((source) => bare + source),
    ...EXTENSIONS.map((each) => path + each),
    ...EXTENSIONS.map((each) => join(path, `index${each}`)),
  ];
  return candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
}

function pack(entry: string, contents: ReadonlyMap<string, Uint8Array>): CodeBundle {
  const root = commonFolder([...contents.keys()].map(dirname));
  const inside = (path: string): string => relative(root, path).split(sep).join('/');
  const files: Record<string, Uint8Array> = {};
  for (const [path, content] of contents) files[inside(path)] = content;
  for (const path of contents.keys()) {
    const { folder, type } = packageOf(dirname(path));
    const at = folder.startsWith(root + sep) ? `${inside(folder)}/package.json` : 'package.json';
    // Node reads `.js` files by the type of their package; nothing else of it matters here.
    files[at] ??= Buffer.from(JSON.stringify({ type }));
  }
  return { entry: inside(entry), files };
}

function packageOf(folder: string): { readonly folder: string; readonly type: string } {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest)) return { folder: at, type: typeIn(manifest) };
    if (dirname(at) === at) return { folder: at, type: 'commonjs' };
  }
}

function typeIn(manifest: string): string {
  try {
    const { type } = JSON.parse(readFileSync(manifest, 'utf8')) as { type?: string };
    return type === 'module' ? 'module' : 'commonjs';
  } catch {
    return 'commonjs';
  }
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0]!.split(sep);
  for (const folder of folders) {
    const parts = folder.split(sep);
    const differs = common.findIndex((part, at) => part !== parts[at]);
    if (differs >= 0) common = common.slice(0, differs);
  }
  return common.join(sep) || sep;
}

function read(path: string, module: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AnantError('E_TASK_NOT_FOUND', `Cannot read ${path}, which the module ${module} needs.`, {
      cause,
    });
  }
}

const tooLarge = (module: string): AnantError =>
  new AnantError(
    'E_PAYLOAD_TOO_LARGE',
    `The module ${module} and what it imports are more than ${BUNDLE_FILES_MAX} files or ${BUNDLE_BYTES_MAX} bytes.`,
    { advice: "Install it where the workers run, and set cluster.code to 'reference'." },
  );
