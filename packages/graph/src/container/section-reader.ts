/** Reads sections straight into arrays, and checks length, type and checksum of each. */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { fileFormatError } from '../formats/file-error.js';
import type { Section, SectionType } from './directory.js';
import { crc32Of, type SectionArray } from './section-writer.js';

const READ_BYTES_MAX = 268_435_456;
/** A multiple of every element. */
const PIECE_BYTES = 4_194_304;
const U32_VALUES = 4_294_967_296;

/** Where an array of `length` elements goes. */
export type PlaceU32 = (length: number) => Uint32Array;

export class SectionReader {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #sections: ReadonlyMap<string, Section>;

  constructor(handle: FileHandle, path: string, sections: readonly Section[]) {
    this.#handle = handle;
    this.#path = path;
    this.#sections = new Map(sections.map((section) => [section.name, section]));
  }

  /** Reads a section of unsigned integers of any width into an array of 32 bits that `place` provides. */
  async readU32(name: string, place: PlaceU32): Promise<Uint32Array> {
    const section = this.#section(name, ['u16', 'u32', 'u64']);
    if (section.type === 'u32') {
      const target = place(section.bytes / 4);
      await this.#fill(section, new Uint8Array(target.buffer, target.byteOffset, target.byteLength));
      return target;
    }
    const stored = new Uint8Array(section.bytes);
    await this.#fill(section, stored);
    if (section.type === 'u16') {
      const target = place(section.bytes / 2);
      target.set(new Uint16Array(stored.buffer));
      return target;
    }
    return this.#narrow(section, new Uint32Array(stored.buffer), place(section.bytes / 8));
  }

  /** A section of unsigned integers of any width, in pieces. Each piece is good until the next. */
  async *pieces(name: string): AsyncGenerator<Uint32Array> {
    const section = this.#section(name, ['u16', 'u32', 'u64']);
    const buffer = new Uint8Array(PIECE_BYTES);
    let crc = 0;
    for (let at = 0; at < section.bytes; at += buffer.length) {
      const bytes = buffer.subarray(0, Math.min(buffer.length, section.bytes - at));
      await this.#readAll(name, bytes, section.offset + at);
      crc = crc32(bytes, crc);
      const words = new Uint32Array(buffer.buffer, 0, bytes.length >> 2);
      if (section.type === 'u32') yield words;
      else if (section.type === 'u64') yield this.#narrow(section, words, new Uint32Array(words.length / 2));
      else yield Uint32Array.from(new Uint16Array(buffer.buffer, 0, bytes.length >> 1));
    }
    if (crc !== section.crc32) this.#refuseDamaged(name);
  }

  /** Reads a section into an array of its own type. */
  async read(name: string, types: readonly SectionType[]): Promise<SectionArray> {
    const section = this.#section(name, types);
    const bytes = new Uint8Array(section.bytes);
    await this.#fill(section, bytes);
    switch (section.type) {
      case 'u8':
        return bytes;
      case 'u16':
        return new Uint16Array(bytes.buffer);
      case 'f64':
        return new Float64Array(bytes.buffer);
      default:
        return new Uint32Array(bytes.buffer);
    }
  }

  /** @throws AnantError `E_FILE_FORMAT` */
  refuse(reason: string): never {
    throw fileFormatError({ path: this.#path }, reason, { advice: DAMAGED_ADVICE });
  }

  #narrow(section: Section, words: Uint32Array, target: Uint32Array): Uint32Array {
    for (let i = 0; i < target.length; i++) {
      if (words[2 * i + 1] !== 0) {
        this.refuse(
          `the section "${section.name}" holds numbers from ${U32_VALUES}: the graph is larger than one memory`,
        );
      }
      target[i] = words[2 * i]!;
    }
    return target;
  }

  #section(name: string, types: readonly SectionType[]): Section {
    const section = this.#sections.get(name);
    if (section === undefined) this.refuse(`the section "${name}" is missing`);
    if (!types.includes(section.type)) {
      this.refuse(`the section "${name}" must be ${types.join(' or ')}, not ${section.type}`);
    }
    return section;
  }

  async #fill({ name, offset, crc32: expected }: Section, target: Uint8Array): Promise<void> {
    await this.#readAll(name, target, offset);
    if (crc32Of(target) !== expected) this.#refuseDamaged(name);
  }

  async #readAll(name: string, target: Uint8Array, offset: number): Promise<void> {
    for (let at = 0; at < target.length; ) {
      const length = Math.min(target.length - at, READ_BYTES_MAX);
      const { bytesRead } = await this.#handle.read(target, at, length, offset + at);
      if (bytesRead === 0) this.refuse(`the file is truncated inside the section "${name}"`);
      at += bytesRead;
    }
  }

  #refuseDamaged(name: string): never {
    this.refuse(`the section "${name}" is damaged: its checksum does not fit`);
  }
}

export const DAMAGED_ADVICE = 'Copy the file again, or make it again with "anant graph import".';
