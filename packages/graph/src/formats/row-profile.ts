/** How the rows of a file are written: separator, header, kind of ids. Told from its first lines, unless the user says. */
import { Fields, SEPARATOR_BYTES, type Separator } from './fields.js';
import { fileFormatError, LineFault } from './file-error.js';
import { looksNumeric } from './parse-integer.js';
import type { Sample } from './sample.js';
import type { IdKind } from './tokens.js';

/** What the user may say about the rows of a file. */
export interface RowHints {
  readonly separator?: Separator | undefined;
  readonly header?: 'auto' | 'skip' | 'none' | undefined;
  readonly ids?: 'auto' | IdKind | undefined;
}

export interface RowProfile {
  readonly separator: Separator;
  readonly separatorSource: 'found' | 'named';
  readonly header: 'skip' | 'none';
  /** Columns of the header, in lower case, when it is one. */
  readonly columns: readonly string[];
  /** Kind of ids by column, as far as the first row has columns. */
  readonly kinds: readonly IdKind[];
}

/** Names that make a first row a header, by what the column holds. */
export const COLUMN_NAMES: Readonly<Record<string, readonly string[]>> = {
  hyperedge: ['hyperedge', 'hyperedge_id', 'edge', 'edge_id'],
  vertex: ['vertex', 'vertex_id', 'node', 'node_id'],
  source: ['source', 'src', 'from', 'u', 'head', 'subject', 'fromnodeid'],
  target: ['target', 'dst', 'to', 'v', 'tail', 'object', 'tonodeid'],
  weight: ['weight'],
  relation: ['relation', 'predicate', 'rel'],
};

const KNOWN_NAMES = new Set(Object.values(COLUMN_NAMES).flat());

export function isColumn(name: string | undefined, what: string): boolean {
  return name !== undefined && (COLUMN_NAMES[what]?.includes(name) ?? false);
}

/** @throws AnantError `E_FILE_FORMAT` when the file has no rows, or its first row may be a header or data. */
export function profileRows(sample: Sample, hints: RowHints, commentMarks: readonly string[]): RowProfile {
  const rows = sample.lines
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ text }) => text.trim() !== '' && !commentMarks.includes(text[0]!));
  const first = rows[0];
  if (first === undefined) throw fileFormatError({ path: sample.path }, 'the file has no rows');
  const separator = hints.separator ?? findSeparator(rows.map(({ text }) => text));
  const separatorSource = hints.separator === undefined ? 'found' : 'named';
  const cut = (text: string): string[] => cutFields(text, separator);
  const firstFields = cut(first.text);
  const header = hints.header ?? 'auto';
  const isKnownHeader =
    firstFields.length > 1 && firstFields.every((name) => KNOWN_NAMES.has(name.toLowerCase()));
  const isHeader = header === 'skip' || (header === 'auto' && isKnownHeader);
  const second = rows[1] ? cut(rows[1].text) : [];
  const isDoubtful =
    header === 'auto' &&
    !isHeader &&
    (hints.ids ?? 'auto') === 'auto' &&
    looksLikeHeader(firstFields, second);
  if (isDoubtful) {
    throw fileFormatError(
      { path: sample.path, line: first.line },
      'the line may be a header: it holds text only, the next one integers only',
      {
        advice:
          "Pass header: 'skip' (--header skip) if it is a header, or ids: 'text' (--ids text) if it is data.",
      },
    );
  }
  const data = isHeader ? second : firstFields;
  return {
    separator,
    separatorSource,
    header: isHeader ? 'skip' : 'none',
    columns: isHeader ? firstFields.map((name) => name.toLowerCase()) : [],
    kinds: data.map((field) => kindOf(field, hints.ids ?? 'auto')),
  };
}

/** The one kind of ids that fits all columns from `from` up to (not including) `to`. */
export function kindOfColumns(profile: RowProfile, from: number, to: number): IdKind {
  return profile.kinds.slice(from, to).every((kind) => kind === 'integer') ? 'integer' : 'text';
}

export function fieldsOf(profile: RowProfile): Fields {
  return new Fields(profile.separator, profile.separatorSource);
}

const SEARCH_ORDER: readonly Separator[] = ['tab', 'comma', 'semicolon', 'space'];

function findSeparator(texts: readonly string[]): Separator {
  for (const text of texts) {
    const found = SEARCH_ORDER.find((name) =>
      text.trim().includes(String.fromCharCode(SEPARATOR_BYTES[name])),
    );
    if (found) return found;
  }
  return 'space';
}

/** Fields of a line of the sample; a line that cannot be split is left to the reader, which names its place. */
function cutFields(text: string, separator: Separator): string[] {
  const fields = new Fields(separator, 'named');
  const bytes = Buffer.from(text);
  try {
    fields.split(bytes, 0, bytes.length);
  } catch (fault) {
    if (fault instanceof LineFault) return [];
    throw fault;
  }
  return Array.from({ length: fields.count }, (_, index) => fields.text(index));
}

function looksLikeHeader(first: readonly string[], second: readonly string[]): boolean {
  if (first.length < 2 || first.length !== second.length) return false;
  return !first.some(looksNumeric) && second.every((field) => /^\d+$/.test(field));
}

function kindOf(field: string, ids: 'auto' | IdKind): IdKind {
  if (ids !== 'auto') return ids;
  // Numbers that no id may be count as integers here, so that the reader refuses them by name.
  return looksNumeric(field) && !/^0\d/.test(field) ? 'integer' : 'text';
}
