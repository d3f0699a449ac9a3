/** What every writer of a format is: pieces of the file, and what the format cannot hold. */
import type { Hypergraph } from '../hypergraph.js';

export type Piece = string | Uint8Array;

/** What a format keeps besides the members of hyperedges; everything else is reported as left out. */
export interface Keeps {
  /** Vertices without hyperedges. */
  readonly loneVertices?: true;
  readonly emptyHyperedges?: true;
  /** Ids of hyperedges other than their positions. */
  readonly hyperedgeIds?: true;
  readonly vertexIds?: true;
  /** Whether an id is an integer or a text. */
  readonly idKinds?: true;
  readonly labels?: true;
  /** Names of columns, as `vertices.weight`; `vertices.*` is all of them. */
  readonly properties?: readonly string[];
}

export interface GraphWriter {
  readonly keeps: Keeps;
  /** Why the graph does not fit the format at all, or undefined. */
  readonly unfit?: (graph: Hypergraph) => string | undefined;
  readonly pieces: (graph: Hypergraph, separator: RowSeparator) => Iterable<Piece> | AsyncIterable<Piece>;
}

export type RowSeparator = 'tab' | 'comma';

const PIECE_CHARACTERS = 65_536;

/** Joins small texts to pieces worth writing. */
export function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
