/** Puts what a reader collected into its final arrays, in one kernel memory. */
import { type KernelArray, KernelMemory } from '@anant/core';
import type { IdTable } from '../ids/id-table.js';
import type { InternedIds } from '../ids/integer-interner.js';
import { RangeIds } from '../ids/range-ids.js';
import type { GraphKind, GraphLabels, GraphParts, GraphSource } from './graph-parts.js';
import { groupByOwners, groupBySizes } from './group-members.js';
import type { Incidence } from './incidence.js';
import { mergeRepeated } from './merge-repeated.js';
import {
  type GraphProperties,
  NO_PROPERTIES,
  type PropertyColumn,
  type PropertyColumns,
} from './properties.js';
import { transpose } from './transpose.js';
import type { U32Column } from './u32-column.js';

/** What happens to a vertex that a hyperedge lists more than once. */
export type RepeatedMembers = 'merge' | 'keep';

export interface GraphDraft {
  readonly vertices: InternedIds;
  /** Provisional vertex index of every incidence. */
  readonly members: U32Column;
  /** How the members belong to hyperedges: sizes in order, or a provisional hyperedge index per incidence. */
  readonly grouping:
    | { readonly sizes: U32Column; readonly hyperedges?: IdTable }
    | { readonly owners: U32Column; readonly hyperedges: InternedIds };
  readonly repeatedMembers: RepeatedMembers;
  readonly kind?: GraphKind;
  readonly labels?: GraphLabels;
  /** Vertex and hyperedge columns by final index; incidence columns in the order of `members`. */
  readonly properties?: GraphProperties;
  readonly source: GraphSource;
}

/** @throws AnantError `E_OUT_OF_MEMORY` when the memory's maximum does not suffice. */
export function assemble(draft: GraphDraft, memory = new KernelMemory()): GraphParts {
  const allocated: KernelArray[] = [];
  try {
    return assembleIn(draft, memory, (length) => {
      const array = memory.allocate('u32[]', length);
      allocated.push(array);
      return array;
    });
  } catch (error) {
    for (const array of allocated) memory.free(array);
    throw error;
  }
}

function assembleIn(
  draft: GraphDraft,
  memory: KernelMemory,
  allocate: (length: number) => Uint32Array,
): GraphParts {
  const { vertices, members, grouping } = draft;
  const vertexCount = vertices.ids.size;
  const hyperedges =
    'sizes' in grouping
      ? (grouping.hyperedges ?? new RangeIds(0, grouping.sizes.length))
      : grouping.hyperedges.ids;
  const side = { offsets: allocate(hyperedges.size + 1), members: allocate(members.length) };
  const sources = group(draft, side);
  const dropped = draft.repeatedMembers === 'merge' ? mergeRepeated(side, vertexCount, sources) : 0;
  const length = members.length - dropped;
  const edgeToNodes: Incidence = { offsets: side.offsets, members: side.members.subarray(0, length) };
  const nodeToEdges: Incidence = { offsets: allocate(vertexCount + 1), members: allocate(length) };
  transpose(edgeToNodes, nodeToEdges);
  const warnings =
    dropped > 0 ? [`${dropped} repeated members of hyperedges were merged (repeatedMembers).`] : [];
  return {
    memory,
    edgeToNodes,
    nodeToEdges,
    vertices: vertices.ids,
    hyperedges,
    labels: draft.labels ?? {},
    kind: draft.kind ?? 'undirected',
    properties: reorder(draft.properties ?? NO_PROPERTIES, sources?.subarray(0, length)),
    source: { ...draft.source, warnings: [...draft.source.warnings, ...warnings] },
  };
}

function group(
  { vertices, members, grouping, repeatedMembers, properties = NO_PROPERTIES }: GraphDraft,
  side: { readonly offsets: Uint32Array; readonly members: Uint32Array },
): Uint32Array | undefined {
  if ('sizes' in grouping) {
    groupBySizes(side, grouping.sizes, members, vertices.ranks);
    // Members keep their order; only merging moves what is said of them.
    const isMoved = repeatedMembers === 'merge' && Object.keys(properties.incidences).length > 0;
    return isMoved ? Uint32Array.from({ length: members.length }, (_, at) => at) : undefined;
  }
  const owners = new Uint32Array(members.length);
  const ranked = new Uint32Array(members.length);
  grouping.owners.copyTo(owners, grouping.hyperedges.ranks);
  members.copyTo(ranked, vertices.ranks);
  return groupByOwners(side, owners, ranked);
}

function reorder(properties: GraphProperties, sources: Uint32Array | undefined): GraphProperties {
  if (sources === undefined) return properties;
  const incidences: Record<string, PropertyColumn> = {};
  for (const [name, column] of Object.entries<PropertyColumns[string]>(properties.incidences)) {
    const { values } = column;
    const ordered = values.slice(0, sources.length);
    for (let i = 0; i < sources.length; i++) ordered[i] = values[sources[i]!]!;
    incidences[name] = { ...column, values: ordered };
  }
  return { ...properties, incidences };
}
