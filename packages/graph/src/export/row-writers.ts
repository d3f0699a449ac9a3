/** The text formats of rows: incidences, edges, lists of members, facts. */
import type { Hypergraph } from '../hypergraph.js';
import { type GraphWriter, inPieces, type RowSeparator } from './export-format.js';
import { NO_RELATIONS, whyNotPairs, whyNotTriples } from './losses.js';
import { idReader, memberRows, Rows } from './rows.js';

/** `hyperedge, vertex[, weight]`, one incidence a row, with a header. */
export const incidencesWriter: GraphWriter = {
  keeps: { hyperedgeIds: true, vertexIds: true, properties: ['incidences.weight'] },
  pieces: (graph, separator) => inPieces(incidenceRows(graph, separator, 'hyperedge')),
};

/** `vertex, hyperedge[, weight]`: the edges of the bipartite graph. */
export const bipartiteWriter: GraphWriter = {
  keeps: { hyperedgeIds: true, vertexIds: true, properties: ['incidences.weight'] },
  pieces: (graph, separator) => inPieces(incidenceRows(graph, separator, 'vertex')),
};

function* incidenceRows(
  graph: Hypergraph,
  separator: RowSeparator,
  first: 'hyperedge' | 'vertex',
): Generator<string> {
  const rows = new Rows(separator);
  const [vertexOf, hyperedgeOf] = [idReader(graph.vertices), idReader(graph.hyperedges)];
  const weights = graph.properties.incidences.weight?.values;
  const names = first === 'hyperedge' ? ['hyperedge', 'vertex'] : ['vertex', 'hyperedge'];
  yield rows.row(weights ? [...names, 'weight'] : names);
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const edge = hyperedgeOf(hyperedge);
    for (let i = from; i < to; i++) {
      const vertex = vertexOf(members[i]!);
      const ids = first === 'hyperedge' ? [edge, vertex] : [vertex, edge];
      yield rows.row(weights ? [...ids, weights[i]!] : ids);
    }
  }
}

/** `vertex index, hyperedge index[, weight]`, from 0, without a header. */
export const cooWriter: GraphWriter = {
  keeps: { properties: ['incidences.weight'] },
  pieces: (graph, separator) => inPieces(cooRows(graph, separator)),
};

function* cooRows(graph: Hypergraph, separator: RowSeparator): Generator<string> {
  const rows = new Rows(separator);
  const weights = graph.properties.incidences.weight?.values;
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    for (let i = from; i < to; i++) {
      yield rows.row(weights ? [members[i]!, hyperedge, weights[i]!] : [members[i]!, hyperedge]);
    }
  }
}

/** `source, target[, weight]`, with a header. */
export const edgesWriter: GraphWriter = {
  keeps: { vertexIds: true, properties: ['hyperedges.weight'] },
  unfit: whyNotPairs,
  pieces: (graph, separator) => inPieces(edgeRows(graph, separator)),
};

function* edgeRows(graph: Hypergraph, separator: RowSeparator): Generator<string> {
  const rows = new Rows(separator, 'comments');
  const vertexOf = idReader(graph.vertices);
  const weights = graph.properties.hyperedges.weight?.values;
  yield rows.row(weights ? ['source', 'target', 'weight'] : ['source', 'target']);
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    const ends = [vertexOf(members[from]!), vertexOf(members[to - 1]!)];
    yield rows.row(weights ? [...ends, weights[hyperedge]!] : ends);
  }
}

/** One hyperedge a line. */
export const hyperedgesWriter: GraphWriter = {
  keeps: { vertexIds: true },
  pieces: (graph, separator) => inPieces(factRows(graph, separator, { relation: 'none', name: 'none' })),
};

/** `relation, e1 … ek`. */
export const factsWriter: GraphWriter = {
  keeps: { vertexIds: true, properties: ['hyperedges.relation'] },
  unfit: whyNotFacts,
  pieces: (graph) => inPieces(factRows(graph, 'tab', { relation: 'first', name: 'none' })),
};

/** `name, relation, e1 … ek`. */
export const namedFactsWriter: GraphWriter = {
  keeps: { vertexIds: true, hyperedgeIds: true, properties: ['hyperedges.relation'] },
  unfit: whyNotFacts,
  pieces: (graph) => inPieces(factRows(graph, 'tab', { relation: 'first', name: 'first' })),
};

/** `head, relation, tail`. */
export const triplesWriter: GraphWriter = {
  keeps: { vertexIds: true, properties: ['hyperedges.relation'] },
  unfit: whyNotTriples,
  pieces: (graph) => inPieces(factRows(graph, 'tab', { relation: 'second', name: 'none' })),
};

function whyNotFacts(graph: Hypergraph): string | undefined {
  return graph.properties.hyperedges.relation?.dictionary ? undefined : NO_RELATIONS;
}

interface FactColumns {
  readonly relation: 'first' | 'second' | 'none';
  readonly name: 'first' | 'none';
}

function* factRows(graph: Hypergraph, separator: RowSeparator, columns: FactColumns): Generator<string> {
  const isList = columns.relation === 'none';
  const rows = new Rows(separator, isList ? 'comments' : 'none');
  const vertexOf = idReader(graph.vertices);
  const { values, dictionary } = graph.properties.hyperedges.relation ?? {};
  const relationOf = dictionary && idReader(dictionary);
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from, to } of memberRows(graph)) {
    if (from === to) continue;
    const fields = Array.from(members.subarray(from, to), vertexOf);
    if (columns.relation !== 'none') {
      fields.splice(columns.relation === 'first' ? 0 : 1, 0, relationOf!(values![hyperedge]!));
    }
    if (columns.name === 'first') fields.unshift(graph.hyperedges.externalOf(hyperedge));
    yield rows.row(fields);
  }
}
