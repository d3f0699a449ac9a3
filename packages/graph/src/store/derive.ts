/** Hypergraphs made of computed incidence: what an expansion or a selection comes to. */
import { type KernelArray, KernelMemory } from '@anant/core';
import type { IdTable } from '../ids/id-table.js';
import type { GraphKind, GraphLabels, GraphParts } from './graph-parts.js';
import type { Incidence } from './incidence.js';
import { type GraphProperties, NO_PROPERTIES } from './properties.js';
import { transpose } from './transpose.js';

export interface DerivedGraph {
  /** Copied into a memory of its own. */
  readonly edgeToNodes: Incidence;
  readonly vertices: IdTable;
  readonly hyperedges: IdTable;
  readonly labels?: GraphLabels;
  readonly kind?: GraphKind;
  readonly properties?: GraphProperties;
  /** What made it, in the place of a file format. */
  readonly format: string;
}

/** @throws AnantError `E_OUT_OF_MEMORY` */
export function deriveParts(derived: DerivedGraph): GraphParts {
  const { edgeToNodes: side, vertices, hyperedges } = derived;
  const memory = new KernelMemory();
  const copyOf = (array: Uint32Array): Uint32Array => {
    const copy: KernelArray = memory.allocate('u32[]', array.length);
    copy.set(array);
    return copy as Uint32Array;
  };
  const edgeToNodes = { offsets: copyOf(side.offsets), members: copyOf(side.members) };
  const nodeToEdges = {
    offsets: memory.allocate('u32[]', vertices.size + 1),
    members: memory.allocate('u32[]', side.members.length),
  };
  transpose(edgeToNodes, nodeToEdges);
  return {
    memory,
    edgeToNodes,
    nodeToEdges,
    vertices,
    hyperedges,
    labels: derived.labels ?? {},
    kind: derived.kind ?? 'undirected',
    properties: derived.properties ?? NO_PROPERTIES,
    source: { format: derived.format, paths: [], warnings: [] },
  };
}
