/** Interns ids that may be integers or texts, mixed. Provisional indexes carry the kind in their lowest bit. */
import { AnantError } from '@anant/core';
import type { ExternalId } from './id-table.js';
import { IntegerInterner, type InternedIds } from './integer-interner.js';
import { JoinedIds } from './joined-ids.js';
import { TextInterner } from './text-interner.js';

const IDS_MAX = 0x7fff_ffff;
const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class IdInterner {
  readonly #integers = new IntegerInterner();
  readonly #texts = new TextInterner();

  get size(): number {
    return this.#integers.size + this.#texts.size;
  }

  /** @throws AnantError `E_GRAPH_INVALID` when the id is neither a safe integer nor well-formed text. */
  intern(id: ExternalId): number {
    if (typeof id === 'number' && Number.isSafeInteger(id)) return bounded(this.#integers.intern(id)) * 2;
    if (typeof id === 'string' && !LONE_SURROGATE.test(id)) {
      const bytes = encoder.encode(id);
      return bounded(this.#texts.intern(bytes, 0, bytes.length)) * 2 + 1;
    }
    throw new AnantError(
      'E_GRAPH_INVALID',
      `An id must be a string or a safe integer, not ${describe(id)}.`,
      { advice: 'Turn other ids into strings.' },
    );
  }

  /** Interns a text id from its bytes. @returns -1 when they are not valid UTF-8. */
  internBytes(bytes: Uint8Array, start: number, end: number): number {
    const index = this.#texts.intern(bytes, start, end);
    return index < 0 ? -1 : bounded(index) * 2 + 1;
  }

  /** The provisional index of an id, or -1. */
  find(id: ExternalId): number {
    if (typeof id === 'number') {
      const index = this.#integers.find(id);
      return index < 0 ? -1 : index * 2;
    }
    const bytes = encoder.encode(id);
    const index = this.#texts.find(bytes, 0, bytes.length);
    return index < 0 ? -1 : index * 2 + 1;
  }

  /** The id of a provisional index. */
  externalOf(provisional: number): ExternalId {
    const index = provisional >>> 1;
    return (provisional & 1) === 0
      ? this.#integers.valueAt(index)
      : decoder.decode(this.#texts.bytesAt(index));
  }

  finish(): InternedIds {
    const integers = this.#integers.finish();
    const texts = this.#texts.finish();
    const ranks = new Uint32Array(2 * Math.max(integers.ids.size, texts.size));
    for (let i = 0; i < integers.ids.size; i++) ranks[2 * i] = integers.ranks?.[i] ?? i;
    for (let i = 0; i < texts.size; i++) ranks[2 * i + 1] = integers.ids.size + i;
    if (texts.size === 0) return { ids: integers.ids, ranks };
    if (integers.ids.size === 0) return { ids: texts, ranks };
    return { ids: new JoinedIds(integers.ids, texts), ranks };
  }
}

function bounded(index: number): number {
  if (index < IDS_MAX) return index;
  throw new AnantError('E_GRAPH_INVALID', `A graph has more than ${IDS_MAX} different ids of one kind.`);
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return 'a string with half a surrogate pair';
  return value === null ? 'null' : `a ${typeof value}`;
}
