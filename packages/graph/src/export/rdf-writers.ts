/** RDF: N-Triples, and Turtle with prefixes and grouped subjects. */
import { ntriplesOf } from '../formats/rdf-term.js';
import type { Hypergraph } from '../hypergraph.js';
import { type GraphWriter, inPieces } from './export-format.js';
import { whyNotTriples } from './losses.js';
import { memberRows } from './rows.js';

const KEEPS = { vertexIds: true, properties: ['hyperedges.relation'] } as const;

export const ntriplesWriter: GraphWriter = {
  keeps: KEEPS,
  unfit: whyNotRdf,
  pieces: (graph) => inPieces(ntriples(graph)),
};

export const turtleWriter: GraphWriter = {
  keeps: KEEPS,
  unfit: whyNotRdf,
  pieces: turtle,
};

/** The three terms of each fact, in N-Triples. */
function* triplesOf(graph: Hypergraph): Generator<[string, string, string]> {
  const { vertices, properties } = graph;
  const { values, dictionary } = properties.hyperedges.relation!;
  const { members } = graph.edgeToNodes;
  for (const { hyperedge, from } of memberRows(graph)) {
    yield [
      ntriplesOf(vertices.externalOf(members[from]!)),
      ntriplesOf(dictionary!.externalOf(values[hyperedge]!)),
      ntriplesOf(vertices.externalOf(members[from + 1]!)),
    ];
  }
}

function* ntriples(graph: Hypergraph): Generator<string> {
  for (const [subject, predicate, object] of triplesOf(graph)) yield `${subject} ${predicate} ${object} .\n`;
}

/** N3's writer shortens and groups; it is given each triple as it would read it. */
async function* turtle(graph: Hypergraph): AsyncGenerator<string> {
  const { Parser, Writer } = await import('n3');
  let written = '';
  const sink = {
    write(chunk: string, _encoding: string, done?: () => void) {
      written += chunk;
      done?.();
    },
    end: (done?: () => void) => done?.(),
  };
  const writer = new Writer(sink as unknown as ConstructorParameters<typeof Writer>[0], { format: 'Turtle' });
  for (const piece of inPieces(ntriples(graph))) {
    for (const quad of new Parser({ format: 'N-Triples', blankNodePrefix: '' } as object).parse(piece)) {
      writer.addQuad(quad);
    }
    yield written;
    written = '';
  }
  await new Promise<void>((resolve, reject) => {
    writer.end((error) => (error ? reject(error) : resolve()));
  });
  yield written;
}

function whyNotRdf(graph: Hypergraph): string | undefined {
  const reason = whyNotTriples(graph);
  if (reason !== undefined) return reason;
  for (const [subject, predicate] of triplesOf(graph)) {
    if (subject.startsWith('"')) return `a literal, ${subject}, is the subject of a fact`;
    if (!predicate.startsWith('<')) return `the relation ${predicate} is no IRI`;
  }
  return undefined;
}
