/** For tests: everything a hypergraph holds, as plain values, so that two can be compared. */
import type { Hypergraph } from '../hypergraph.js';
import type { IdTable } from '../ids/id-table.js';
import type { PropertyColumns } from '../store/properties.js';

export function contentsOf(graph: Hypergraph) {
  const { edgeToNodes, nodeToEdges, kind, properties, vertices, hyperedges } = graph;
  const { labels } = graph.parts();
  return {
    edgeOffsets: Array.from(edgeToNodes.offsets),
    edgeMembers: Array.from(edgeToNodes.members),
    nodeOffsets: Array.from(nodeToEdges.offsets),
    nodeMembers: Array.from(nodeToEdges.members),
    vertices: idsOf(vertices),
    hyperedges: idsOf(hyperedges),
    labels: { vertices: idsOf(labels.vertices), hyperedges: idsOf(labels.hyperedges) },
    kind,
    properties: {
      vertices: columnsOf(properties.vertices),
      hyperedges: columnsOf(properties.hyperedges),
      incidences: columnsOf(properties.incidences),
    },
  };
}

const idsOf = (table: IdTable | undefined) =>
  table && Array.from({ length: table.size }, (_, index) => table.externalOf(index));

const columnsOf = (columns: PropertyColumns) =>
  Object.fromEntries(
    Object.entries(columns).map(([name, { values, dictionary }]) => [
      name,
      Array.from(values, (value) => (dictionary ? dictionary.externalOf(value) : value)),
    ]),
  );
