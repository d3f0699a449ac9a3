/** Rows of fields for the text formats. */
import { AnantError } from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId, IdTable } from '../ids/id-table.js';
import type { RowSeparator } from './export-format.js';

const CHARACTERS = { tab: '\t', comma: ',' } as const;

export class Rows {
  readonly #separator: RowSeparator;
  readonly #character: string;
  readonly #marks: 'comments' | 'none';

  /** @param marks Whether readers take lines that start with # or % as comments. */
  constructor(separator: RowSeparator, marks: 'comments' | 'none' = 'none') {
    this.#separator = separator;
    this.#character = CHARACTERS[separator];
    this.#marks = marks;
  }

  /** @throws AnantError `E_GRAPH_INVALID` when readers would take the row for no row, or an id cannot stand in it. */
  row(fields: readonly ExternalId[]): string {
    const first = String(fields[0]);
    if (this.#separator === 'tab') {
      if (this.#marks === 'comments' && /^[#%]/.test(first)) {
        throw unwritable(first, 'its line would be a comment');
      }
      if (first.trim() === '' && fields.every((field) => /^[ ]*$/.test(String(field)))) {
        throw unwritable(first, 'its line would be blank');
      }
    }
    let line = '';
    for (let i = 0; i < fields.length; i++) {
      if (i > 0) line += this.#character;
      line += this.field(fields[i]!);
    }
    return `${line}\n`;
  }

  /** @throws AnantError `E_GRAPH_INVALID` when the text cannot stand in such a row. */
  field(value: ExternalId): string {
    if (typeof value === 'number') return String(value);
    if (/[\n\r\0]/.test(value)) throw unwritable(value, 'it holds an end of line');
    if (value === '') throw unwritable(value, 'it is empty');
    if (this.#separator === 'tab') {
      if (value.includes('\t')) throw unwritable(value, 'it holds a tab');
      return value;
    }
    return /[",;\t]|^[\s#%]|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }
}

function unwritable(value: string, reason: string): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError(
    'E_GRAPH_INVALID',
    `The id ${JSON.stringify(value)} cannot be written in this format: ${reason}.`,
    { advice: 'Choose a format that holds any id: hif, xgi, graphml, parquet, arrow or anant.' },
  );
}

/** Ids of members, hyperedge by hyperedge. */
export function* memberRows(graph: Hypergraph): Generator<{ hyperedge: number; from: number; to: number }> {
  const { offsets } = graph.edgeToNodes;
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    yield { hyperedge, from: offsets[hyperedge]!, to: offsets[hyperedge + 1]! };
  }
}

/** Ids by index, made once each where they are texts. */
export function idReader(table: IdTable): (index: number) => ExternalId {
  const known: ExternalId[] = [];
  return (index) => {
    known[index] ??= table.externalOf(index);
    return known[index]!;
  };
}
