/**
 * Reads a list of hyperedges (format `hyperedges` of docs/graph.md) without keeping it: members are integers, used as
 * indexes of vertices, and every vertex up to the largest exists.
 */
import { type ByteSourceOptions, openBytes } from '../formats/byte-source.js';
import { fileFormatError } from '../formats/file-error.js';
import { readLines } from '../formats/line-reader.js';
import type { GraphParts } from '../store/graph-parts.js';

/** Something that gives hyperedges one after the other. Arrays are only good during the call. */
export interface HyperedgeSource {
  /** @returns The vertices and hyperedges, where they are more than the integers from 0 to the largest. */
  read(visit: (members: Uint32Array) => void): Promise<GraphParts | undefined>;
}

const LINE_BYTES_MAX = 4 * 2 ** 20;
const VERTEX_MAX = 0xffff_fffe;
const [ZERO, NINE, HASH, PERCENT] = [48, 57, 35, 37];
/** Space, tab, comma, semicolon. */
const SEPARATORS: readonly number[] = [32, 9, 44, 59];

export function hyperedgeFile(path: string, options: ByteSourceOptions = {}): HyperedgeSource {
  return {
    async read(visit) {
      const source = await openBytes(path, options);
      let room = new Uint32Array(64);
      await readLines(source, LINE_BYTES_MAX, (bytes, start, end, line) => {
        if (start === end || bytes[start] === HASH || bytes[start] === PERCENT) return;
        let count = 0;
        let value = -1;
        const keep = (): void => {
          if (value < 0) return;
          if (count === room.length) room = grown(room);
          room[count++] = value;
          value = -1;
        };
        for (let at = start; at < end; at++) {
          const byte = bytes[at]!;
          if (byte >= ZERO && byte <= NINE) value = Math.max(0, value) * 10 + byte - ZERO;
          else if (SEPARATORS.includes(byte)) keep();
          else throw fileFormatError({ path, line }, 'members must be integers from 0');
          if (value > VERTEX_MAX) throw fileFormatError({ path, line }, `a member is above ${VERTEX_MAX}`);
        }
        keep();
        if (count > 0) visit(different(room.subarray(0, count)));
      });
    },
  };
}

/** Lists up to this long are looked through for each member. */
const SHORT = 32;

/** Members without those that are listed before; in place. */
function different(members: Uint32Array): Uint32Array {
  let count = 0;
  if (members.length <= SHORT) {
    for (const member of members) {
      if (!members.subarray(0, count).includes(member)) members[count++] = member;
    }
  } else for (const member of new Set(members)) members[count++] = member;
  return members.subarray(0, count);
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
