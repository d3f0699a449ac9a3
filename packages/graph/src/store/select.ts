/** Sub-hypergraphs: some vertices and hyperedges of a graph, with their ids, labels and properties. */
import { AnantError } from '@anant/core';
import { selectIds } from '../ids/select-ids.js';
import { deriveParts } from './derive.js';
import type { GraphParts } from './graph-parts.js';
import type { PropertyColumns } from './properties.js';

export interface SelectOptions {
  /** Indexes of the vertices to keep, in any order. @default all */
  readonly vertices?: Iterable<number>;
  /** Indexes of the hyperedges to keep, in any order. @default all */
  readonly hyperedges?: Iterable<number>;
  /**
   * What becomes of a hyperedge with members that are not kept: `inside` keeps only hyperedges all of whose members are
   * kept, `trim` keeps it with the members that are, and leaves out those that lose all. @default 'inside'
   */
  readonly members?: 'inside' | 'trim';
}

/** @throws AnantError `E_GRAPH_INVALID` for an index that there is not, `E_OUT_OF_MEMORY` */
export function selectParts(parts: GraphParts, options: SelectOptions): GraphParts {
  const { edgeToNodes, properties } = parts;
  const vertices = indexesOf(options.vertices, parts.vertices.size, 'vertex');
  const wanted = indexesOf(options.hyperedges, parts.hyperedges.size, 'hyperedge');
  const numbers = new Int32Array(parts.vertices.size).fill(-1);
  vertices.forEach((vertex, index) => {
    numbers[vertex] = index;
  });
  const kept: number[] = [];
  const places: number[] = [];
  const offsets: number[] = [0];
  for (const hyperedge of wanted) {
    const before = places.length;
    const [first, last] = [edgeToNodes.offsets[hyperedge]!, edgeToNodes.offsets[hyperedge + 1]!];
    for (let place = first; place < last; place++) {
      if (numbers[edgeToNodes.members[place]!]! >= 0) places.push(place);
    }
    const isKept =
      options.members === 'trim'
        ? places.length > before || first === last
        : places.length - before === last - first;
    if (isKept) {
      kept.push(hyperedge);
      offsets.push(places.length);
    } else {
      places.length = before;
    }
  }
  const hyperedges = Uint32Array.from(kept);
  const { labels } = parts;
  return deriveParts({
    edgeToNodes: {
      offsets: Uint32Array.from(offsets),
      members: Uint32Array.from(places, (place) => numbers[edgeToNodes.members[place]!]!),
    },
    vertices: selectIds(parts.vertices, vertices),
    hyperedges: selectIds(parts.hyperedges, hyperedges),
    labels: {
      ...(labels.vertices && { vertices: selectIds(labels.vertices, vertices) }),
      ...(labels.hyperedges && { hyperedges: selectIds(labels.hyperedges, hyperedges) }),
    },
    kind: parts.kind,
    properties: {
      vertices: selectColumns(properties.vertices, vertices),
      hyperedges: selectColumns(properties.hyperedges, hyperedges),
      incidences: selectColumns(properties.incidences, places),
    },
    format: 'sub-hypergraph',
  });
}

function indexesOf(given: Iterable<number> | undefined, size: number, what: string): Uint32Array {
  if (given === undefined) return Uint32Array.from({ length: size }, (_, index) => index);
  const indexes = [...new Set(given)];
  const bad = indexes.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
  if (bad !== undefined) {
    throw new AnantError(
      'E_GRAPH_INVALID',
      `There is no ${what} with the index ${bad}; the graph has ${size}.`,
      {
        advice: `Indexes start at 0; graph.${what === 'vertex' ? 'vertices' : 'hyperedges'}.indexOf(id) gives that of an id.`,
      },
    );
  }
  return Uint32Array.from(indexes).sort();
}

function selectColumns(columns: PropertyColumns, indexes: ArrayLike<number>): PropertyColumns {
  const selected = Object.entries(columns).map(([name, column]) => {
    const values = column.values.slice(0, indexes.length);
    for (let i = 0; i < indexes.length; i++) values[i] = column.values[indexes[i]!]!;
    return [name, { ...column, values }];
  });
  return Object.fromEntries(selected);
}
