/** Writes sections one after the other, each with its checksum, and the directory and header at the end. */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Section, SectionType } from './directory.js';
import { alignUp, encodeHeader, HEADER_BYTES, VERSION } from './layout.js';

export type SectionArray = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** One write call takes at most this; a buffer of Node ends at 4 GiB. */
const WRITE_BYTES_MAX = 268_435_456;

export class SectionWriter {
  readonly #handle: FileHandle;
  readonly #sections: Section[] = [];
  #at = HEADER_BYTES;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  get sections(): readonly Section[] {
    return this.#sections;
  }

  /** Writes one array. @returns its name */
  async add(name: string, array: SectionArray): Promise<string> {
    const bytes = bytesOf(array);
    const offset = alignUp(this.#at);
    await this.#write(bytes, offset);
    this.#at = offset + bytes.length;
    this.#sections.push({
      name,
      type: typeOf(array),
      offset,
      bytes: bytes.length,
      crc32: crc32Of(bytes),
    });
    return name;
  }

  /** The header comes last: until then the file says that it is not finished. */
  async finish(directory: object): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(directory));
    const directoryOffset = alignUp(this.#at);
    await this.#write(bytes, directoryOffset);
    const header = encodeHeader({
      version: VERSION,
      directoryOffset,
      directoryBytes: bytes.length,
      directoryCrc: crc32(bytes),
      fileBytes: directoryOffset + bytes.length,
    });
    await this.#write(header, 0);
  }

  async #write(bytes: Uint8Array, offset: number): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + WRITE_BYTES_MAX);
      const { bytesWritten } = await this.#handle.write(piece, 0, piece.length, offset + at);
      at += bytesWritten;
    }
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: SectionArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** `crc32` of Node takes at most 2 GiB a call on some systems; the parts chain. */
export function crc32Of(bytes: Uint8Array): number {
  let crc = 0;
  for (let at = 0; at < bytes.length; at += WRITE_BYTES_MAX) {
    crc = crc32(bytes.subarray(at, at + WRITE_BYTES_MAX), crc);
  }
  return crc;
}

function typeOf(array: SectionArray): SectionType {
  if (array instanceof Float64Array) return 'f64';
  if (array instanceof Uint32Array) return 'u32';
  return array instanceof Uint16Array ? 'u16' : 'u8';
}
