/** What of a graph a format leaves out, in sentences. */
import type { Hypergraph } from '../hypergraph.js';
import { JoinedIds } from '../ids/joined-ids.js';
import { RangeIds } from '../ids/range-ids.js';
import type { Keeps } from './export-format.js';

export function lossesOf(graph: Hypergraph, keeps: Keeps): string[] {
  const losses: string[] = [];
  const lone = countEmpty(graph.nodeToEdges.offsets);
  if (lone > 0 && !keeps.loneVertices) losses.push(`${lone} vertices without hyperedges are left out.`);
  const empty = countEmpty(graph.edgeToNodes.offsets);
  if (empty > 0 && !keeps.emptyHyperedges) losses.push(`${empty} hyperedges without members are left out.`);
  const { hyperedges } = graph;
  const isNumbered = hyperedges instanceof RangeIds && (hyperedges.first === 0 || hyperedges.size === 0);
  if (!isNumbered && !keeps.hyperedgeIds) losses.push('The ids of hyperedges are left out.');
  if (!keeps.vertexIds) losses.push('Vertices are numbered anew, in their order.');
  if (!keeps.idKinds && joinedTables(graph, keeps).length > 0) {
    losses.push('Integers and texts that are ids are written alike.');
  }
  const { labels } = graph.parts();
  if ((labels.vertices || labels.hyperedges) && !keeps.labels) losses.push('Labels are left out.');
  for (const of of ['vertices', 'hyperedges', 'incidences'] as const) {
    for (const name of Object.keys(graph.properties[of])) {
      if (!keeps.properties?.some((kept) => kept === `${of}.${name}` || kept === `${of}.*`)) {
        losses.push(`The property "${name}" of ${of} is left out.`);
      }
    }
  }
  return losses;
}

/** Ids that would become one where only their text is written, as a reason, or undefined. */
export function whyNotApart(graph: Hypergraph, keeps: Keeps): string | undefined {
  if (keeps.idKinds) return undefined;
  for (const table of joinedTables(graph, keeps)) {
    for (let index = 0; index < table.integers.size; index++) {
      const id = table.integers.externalOf(index);
      if (table.texts.indexOf(String(id)) >= 0) return `it would take the ids ${id} and "${id}" for one`;
    }
  }
  return undefined;
}

/** What is written of ids that are partly integers, partly texts. */
function joinedTables({ vertices, hyperedges }: Hypergraph, keeps: Keeps): JoinedIds[] {
  const written = [...(keeps.vertexIds ? [vertices] : []), ...(keeps.hyperedgeIds ? [hyperedges] : [])];
  return written.filter((table) => table instanceof JoinedIds);
}

function countEmpty(offsets: Uint32Array): number {
  let count = 0;
  for (let list = 0; list + 1 < offsets.length; list++) {
    if (offsets[list] === offsets[list + 1]) count += 1;
  }
  return count;
}

/** The reason why a graph is no graph of pairs, or undefined. */
export function whyNotPairs(graph: Hypergraph): string | undefined {
  const { offsets } = graph.edgeToNodes;
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    const size = offsets[hyperedge + 1]! - offsets[hyperedge]!;
    if (size < 1 || size > 2) {
      return `the hyperedge ${graph.hyperedges.externalOf(hyperedge)} has ${size} members, not two`;
    }
  }
  return undefined;
}

/** The reason why a graph is no set of triples, or undefined. */
export function whyNotTriples(graph: Hypergraph): string | undefined {
  if (!graph.properties.hyperedges.relation?.dictionary) return NO_RELATIONS;
  const { offsets } = graph.edgeToNodes;
  for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
    const size = offsets[hyperedge + 1]! - offsets[hyperedge]!;
    if (size !== 2) return `the fact ${graph.hyperedges.externalOf(hyperedge)} has ${size} members, not two`;
  }
  return undefined;
}

export const NO_RELATIONS = "its hyperedges have no relation (was it loaded with properties: 'keep'?)";
