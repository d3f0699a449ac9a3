/** Hyperedges of an `.anant` file, one after the other: of its incidence only pieces are in memory. */
import { open } from 'node:fs/promises';
import { AnantError } from '@anant/core';
import { INCIDENCE_SECTIONS } from '../container/directory.js';
import { HEADER_BYTES, isMagic } from '../container/layout.js';
import { readDirectory, readNames } from '../container/open-graph.js';
import { SectionReader } from '../container/section-reader.js';
import { type ByteSourceOptions, checkSignal, readHead } from '../formats/byte-source.js';
import { fileAccessError } from '../formats/file-error.js';
import type { HyperedgeSource } from './hyperedge-file.js';
import { unlistedParts } from './parts-folder.js';

export async function isContainer(path: string): Promise<boolean> {
  return isMagic((await readHead(path, HEADER_BYTES)).head);
}

/** Vertices and hyperedges keep their ids and labels; properties do not come along. */
export function containerFile(path: string, { signal, onProgress }: ByteSourceOptions = {}): HyperedgeSource {
  return {
    async read(visit) {
      const handle = await open(path, 'r').catch((error: unknown) => {
        throw fileAccessError(path, error);
      });
      try {
        const directory = await readDirectory(handle, path);
        const { counts, properties } = directory;
        if (properties.incidences.direction !== undefined) {
          throw new AnantError(
            'E_GRAPH_INVALID',
            `The members of "${path}" have directions, which a division in one pass does not keep.`,
            { advice: 'Divide the whole graph: leave --one-pass out.' },
          );
        }
        const reader = new SectionReader(handle, path, directory.sections);
        const names = await readNames(reader, directory);
        const members = new MemberPieces(reader, counts);
        let before = 0;
        let count = -1;
        for await (const offsets of reader.pieces(INCIDENCE_SECTIONS.edgeOffsets)) {
          checkSignal(signal, path);
          for (const offset of offsets) {
            const size = offset - before;
            if (count >= 0) visit(members.ready(size) ?? (await members.next(size)));
            else if (offset !== 0) members.refuse();
            before = offset;
            count += 1;
          }
          onProgress?.({ path, bytesRead: 4 * before, bytesTotal: 4 * counts.incidences });
        }
        if (count !== counts.hyperedges || before !== counts.incidences) members.refuse();
        await members.end();
        return unlistedParts(names);
      } finally {
        await handle.close();
      }
    },
  };
}

interface Counts {
  readonly vertices: number;
  readonly incidences: number;
}

/** Lists of members, in the order of the file. */
class MemberPieces {
  readonly #reader: SectionReader;
  readonly #vertexCount: number;
  readonly #incidenceCount: number;
  readonly #pieces: AsyncGenerator<Uint32Array>;
  #piece = new Uint32Array(0);
  #at = 0;
  #taken = 0;

  constructor(reader: SectionReader, { vertices, incidences }: Counts) {
    this.#reader = reader;
    this.#vertexCount = vertices;
    this.#incidenceCount = incidences;
    this.#pieces = reader.pieces(INCIDENCE_SECTIONS.edgeMembers);
  }

  /** The next `size` members, when they are in the piece at hand; good until the next call. */
  ready(size: number): Uint32Array | undefined {
    if (size < 0 || this.#taken + size > this.#incidenceCount) this.refuse();
    if (this.#at + size > this.#piece.length) return undefined;
    this.#taken += size;
    this.#at += size;
    return this.#checked(this.#piece.subarray(this.#at - size, this.#at));
  }

  /** The next `size` members, from as many pieces as they are in. */
  async next(size: number): Promise<Uint32Array> {
    this.#taken += size;
    const list = new Uint32Array(size);
    for (let filled = 0; filled < size; ) {
      if (this.#at === this.#piece.length) await this.#more();
      const part = this.#piece.subarray(this.#at, this.#at + size - filled);
      list.set(part, filled);
      filled += part.length;
      this.#at += part.length;
    }
    return this.#checked(list);
  }

  /** Reads to the end, where the checksum is known. */
  async end(): Promise<void> {
    if (this.#at < this.#piece.length || !(await this.#pieces.next()).done) this.refuse();
  }

  refuse(): never {
    this.#reader.refuse('the lists of each hyperedge do not fit the counts');
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done) this.refuse();
    else this.#piece = value as Uint32Array<ArrayBuffer>;
    this.#at = 0;
  }

  #checked(members: Uint32Array): Uint32Array {
    for (const member of members) {
      if (member >= this.#vertexCount) this.#reader.refuse(`a list of a hyperedge has a member ${member}`);
    }
    return members;
  }
}
