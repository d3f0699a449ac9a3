/**
 * Named arrays and numbers as one file: the length of a JSON directory (u32), the directory, then the arrays, each
 * aligned to 8 bytes. It outlives the process that wrote it, not a power cut. Written beside its place and renamed, so that a reader finds a whole file or none; the directory has
 * the SHA-256 of what follows it.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

export type FileArray = Float64Array | Uint32Array | Int32Array | Uint8Array;
export type FileFields = Readonly<Record<string, FileArray | number>>;

interface Directory {
  readonly numbers: Readonly<Record<string, number>>;
  readonly arrays: readonly { readonly name: string; readonly type: TypeName; readonly length: number }[];
  readonly sha256: string;
}

const TYPES = { f64: Float64Array, u32: Uint32Array, i32: Int32Array, u8: Uint8Array } as const;
type TypeName = keyof typeof TYPES;
const ALIGNMENT = 8;
const WRITE_BYTES_MAX = 1 << 30;
const DIRECTORY_BYTES_MAX = 1 << 20;

const typeOf = (array: FileArray): TypeName =>
  array instanceof Float64Array
    ? 'f64'
    : array instanceof Uint32Array
      ? 'u32'
      : array instanceof Int32Array
        ? 'i32'
        : 'u8';
const bytesOf = (array: FileArray) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const padding = (bytes: number) => (ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT;

/** @throws what the file system says */
export function writeArrayFile(path: string, fields: FileFields): void {
  const arrays: { name: string; type: TypeName; length: number; bytes: Uint8Array }[] = [];
  const numbers: Record<string, number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'number') numbers[name] = value;
    else arrays.push({ name, type: typeOf(value), length: value.length, bytes: bytesOf(value) });
  }
  const digest = createHash('sha256');
  for (const { bytes } of arrays) digestAll(digest, bytes);
  const directory: Directory = {
    numbers,
    arrays: arrays.map(({ name, type, length }) => ({ name, type, length })),
    sha256: digest.digest('hex'),
  };
  const text = Buffer.from(JSON.stringify(directory));
  const partial = `${path}.${process.pid}.part`;
  const file = openSync(partial, 'w');
  try {
    writeAll(file, new Uint8Array(Uint32Array.of(text.length).buffer));
    writeAll(file, text);
    writeAll(file, new Uint8Array(padding(4 + text.length)));
    for (const { bytes } of arrays) {
      writeAll(file, bytes);
      writeAll(file, new Uint8Array(padding(bytes.length)));
    }
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}

/** In pieces: Node hashes less than 2 GiB at once. */
function digestAll(digest: Hash, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += WRITE_BYTES_MAX)
    digest.update(bytes.subarray(at, at + WRITE_BYTES_MAX));
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(file, bytes, at, Math.min(WRITE_BYTES_MAX, bytes.length - at));
}

function readDirectory(file: number, path: string): Directory {
  const head = new Uint8Array(4);
  readAll(file, head, path);
  const length = new DataView(head.buffer).getUint32(0, true);
  if (length > DIRECTORY_BYTES_MAX) throw new Error(`The file "${path}" is damaged.`);
  const text = new Uint8Array(length + padding(4 + length));
  readAll(file, text, path);
  try {
    return JSON.parse(new TextDecoder().decode(text.subarray(0, length))) as Directory;
  } catch {
    throw new Error(`The file "${path}" is damaged.`);
  }
}

/** The SHA-256 that a file names for its arrays. @throws Error that names the file when it is not whole */
export function arrayFileDigest(path: string): string {
  const file = openSync(path, 'r');
  try {
    return readDirectory(file, path).sha256;
  } finally {
    closeSync(file);
  }
}

/** @throws Error that names the file when it is not whole */
export function readArrayFile(path: string): Record<string, FileArray | number> {
  const file = openSync(path, 'r');
  try {
    const directory = readDirectory(file, path);
    const fields: Record<string, FileArray | number> = { ...directory.numbers };
    const digest = createHash('sha256');
    for (const { name, type, length: count } of directory.arrays) {
      const Type = TYPES[type] as new (buffer: SharedArrayBuffer) => FileArray;
      const array = new Type(new SharedArrayBuffer(count * TYPES[type].BYTES_PER_ELEMENT));
      const bytes = bytesOf(array);
      readAll(file, bytes, path);
      readAll(file, new Uint8Array(padding(bytes.length)), path);
      digestAll(digest, bytes);
      fields[name] = array;
    }
    if (digest.digest('hex') !== directory.sha256) throw new Error(`The file "${path}" is damaged.`);
    return fields;
  } finally {
    closeSync(file);
  }
}

function readAll(file: number, bytes: Uint8Array, path: string): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, Math.min(WRITE_BYTES_MAX, bytes.length - at), null);
    if (read === 0) throw new Error(`The file "${path}" is truncated.`);
    at += read;
  }
}
