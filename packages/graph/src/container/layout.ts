/** The fixed part of an `.anant` file: its first 64 bytes (docs/anant-format.md). All numbers are little-endian. */
import { crc32 } from 'node:zlib';

/** Starts with a byte no text starts with, and ends in CR LF, which a transfer as text would change. */
export const MAGIC: readonly number[] = [0x89, 0x41, 0x4e, 0x41, 0x4e, 0x54, 0x0d, 0x0a];
export const VERSION = 1;
export const HEADER_BYTES = 64;
/** Sections start at multiples of this, so that any of them can be mapped as an array. */
export const ALIGNMENT = 64;

export interface Header {
  readonly version: number;
  /** Where the directory starts; 0 in a file whose writing did not finish. */
  readonly directoryOffset: number;
  readonly directoryBytes: number;
  readonly directoryCrc: number;
  readonly fileBytes: number;
}

export function isMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

export function encodeHeader(header: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, header.version, true);
  view.setUint32(12, header.directoryCrc, true);
  view.setBigUint64(16, BigInt(header.directoryOffset), true);
  view.setBigUint64(24, BigInt(header.directoryBytes), true);
  view.setBigUint64(32, BigInt(header.fileBytes), true);
  view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
  return bytes;
}

/** @returns The header, or the reason why it is none. The version is not judged. */
export function decodeHeader(bytes: Uint8Array): Header | string {
  if (!isMagic(bytes)) return 'this is no .anant file: it does not start as one';
  if (bytes.length < HEADER_BYTES) return `the file is truncated: its header has ${HEADER_BYTES} bytes`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const header: Header = {
    version: view.getUint32(8, true),
    directoryCrc: view.getUint32(12, true),
    directoryOffset: Number(view.getBigUint64(16, true)),
    directoryBytes: Number(view.getBigUint64(24, true)),
    fileBytes: Number(view.getBigUint64(32, true)),
  };
  // Another version may keep its checksum elsewhere, so that its number is reported rather than damage.
  if (header.version === VERSION && view.getUint32(60, true) !== crc32(bytes.subarray(0, 60))) {
    return 'the header is damaged: its checksum does not fit';
  }
  return header;
}

export const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
