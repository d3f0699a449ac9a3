/** The directory of an `.anant` file: JSON that says which sections there are and what they mean. */
import type { GraphKind } from '../store/graph-parts.js';

/** Element types of sections. */
export const SECTION_TYPES = { u8: 1, u16: 2, u32: 4, u64: 8, f64: 8 } as const;
export type SectionType = keyof typeof SECTION_TYPES;

export interface Section {
  readonly name: string;
  readonly type: SectionType;
  /** From the start of the file; a multiple of 64. */
  readonly offset: number;
  readonly bytes: number;
  readonly crc32: number;
}

/** Ids, or texts, by index. Sections are named. */
export type IdsEntry =
  | { readonly kind: 'range'; readonly first: number; readonly size: number }
  | { readonly kind: 'integers'; readonly values: string }
  | { readonly kind: 'texts'; readonly offsets: string; readonly bytes: string }
  | { readonly kind: 'joined'; readonly integers: IdsEntry; readonly texts: IdsEntry };

export interface ColumnEntry {
  readonly values: string;
  readonly dictionary?: IdsEntry;
}

export type ColumnEntries = Readonly<Record<string, ColumnEntry>>;

export interface Directory {
  readonly counts: { readonly vertices: number; readonly hyperedges: number; readonly incidences: number };
  readonly kind: GraphKind;
  readonly vertices: IdsEntry;
  readonly hyperedges: IdsEntry;
  readonly labels: { readonly vertices?: IdsEntry; readonly hyperedges?: IdsEntry };
  readonly properties: {
    readonly vertices: ColumnEntries;
    readonly hyperedges: ColumnEntries;
    readonly incidences: ColumnEntries;
  };
  /** What the graph was made from: the format, names of files, and what was left out then. */
  readonly origin: {
    readonly format: string;
    readonly files: readonly string[];
    readonly warnings: readonly string[];
  };
  readonly sections: readonly Section[];
}

/** Names of the four arrays of the incidence. */
export const INCIDENCE_SECTIONS = {
  edgeOffsets: 'edge-offsets',
  edgeMembers: 'edge-members',
  nodeOffsets: 'node-offsets',
  nodeMembers: 'node-members',
} as const;

/** @throws Error with the reason when the JSON is no directory. */
export function parseDirectory(bytes: Uint8Array, directoryOffset: number): Directory {
  const directory = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Directory;
  const { counts, sections, properties, labels } = directory;
  const isComplete =
    [counts, properties, labels, directory.vertices, directory.hyperedges].every(isObject) &&
    [properties?.vertices, properties?.hyperedges, properties?.incidences].every(isObject) &&
    Array.isArray(sections);
  if (!isComplete) throw new Error('an entry is missing');
  for (const section of sections) checkSection(section, directoryOffset);
  return directory;
}

function checkSection({ name, type, offset, bytes }: Section, directoryOffset: number): void {
  const isInside =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(bytes) &&
    offset >= 0 &&
    bytes >= 0 &&
    offset + bytes <= directoryOffset;
  if (!isInside) throw new Error(`the section "${name}" lies outside the file`);
  if (!Object.hasOwn(SECTION_TYPES, type)) throw new Error(`the section "${name}" has the type "${type}"`);
  if (bytes % SECTION_TYPES[type] !== 0) throw new Error(`the section "${name}" ends inside an element`);
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
