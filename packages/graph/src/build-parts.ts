/** Hypergraphs from values in memory. */
import { AnantError, type KernelMemory } from '@anant/core';
import { type BuildProperties, buildProperties } from './build-properties.js';
import { IdInterner } from './ids/id-interner.js';
import type { ExternalId } from './ids/id-table.js';
import { assemble, type RepeatedMembers } from './store/assemble.js';
import type { GraphParts } from './store/graph-parts.js';
import { U32Column } from './store/u32-column.js';

export interface BuildOptions {
  /** Vertices that exist even if no hyperedge holds them. */
  readonly vertices?: Iterable<ExternalId>;
  /** Ids of the hyperedges, one each, all different. @default their positions from 0 */
  readonly hyperedgeIds?: Iterable<ExternalId>;
  /** What happens to a member that a hyperedge lists again. @default 'merge' */
  readonly repeatedMembers?: RepeatedMembers;
  /** What is said of vertices, hyperedges and members, by name. */
  readonly properties?: BuildProperties;
  /** Where the arrays go. @default a memory of its own */
  readonly memory?: KernelMemory;
}

/** @throws AnantError `E_GRAPH_INVALID` */
export function buildParts(hyperedges: Iterable<Iterable<ExternalId>>, options: BuildOptions): GraphParts {
  const vertices = new IdInterner();
  const members = new U32Column();
  const sizes = new U32Column();
  for (const id of options.vertices ?? []) vertices.intern(id);
  for (const hyperedge of hyperedges) {
    if (typeof hyperedge === 'string') throw notAList(hyperedge);
    const before = members.length;
    for (const id of hyperedge) members.push(vertices.intern(id));
    sizes.push(members.length - before);
  }
  const grouping = options.hyperedgeIds ? ownersOf(sizes, options.hyperedgeIds) : { sizes };
  const finished = vertices.finish();
  const built = { interner: vertices, finished };
  const properties = options.properties && {
    properties: buildProperties(options.properties, built, { sizes, ...grouping }),
    ...(options.properties.incidences?.direction && { kind: 'directed' as const }),
  };
  return assemble(
    {
      vertices: finished,
      members,
      grouping,
      repeatedMembers: options.repeatedMembers ?? 'merge',
      source: { format: 'memory', paths: [], warnings: [] },
      ...properties,
    },
    options.memory,
  );
}

/** A text is iterable, too: its characters would become vertices. */
function notAList(hyperedge: string): AnantError {
  return new AnantError(
    'E_GRAPH_INVALID',
    `A hyperedge is a list of members, not the text ${JSON.stringify(hyperedge)}.`,
  );
}

function ownersOf(sizes: U32Column, hyperedgeIds: Iterable<ExternalId>) {
  const interner = new IdInterner();
  const provisional: number[] = [];
  for (const id of hyperedgeIds) provisional.push(interner.intern(id));
  if (provisional.length !== sizes.length || interner.size !== sizes.length) {
    throw new AnantError(
      'E_GRAPH_INVALID',
      `hyperedgeIds must hold ${sizes.length} different ids, one per hyperedge; it has ${provisional.length}, ` +
        `${interner.size} of them different.`,
    );
  }
  const owners = new U32Column();
  let hyperedge = 0;
  for (const piece of sizes.pieces()) {
    for (const size of piece) {
      for (let i = 0; i < size; i++) owners.push(provisional[hyperedge]!);
      hyperedge += 1;
    }
  }
  return { owners, provisional, hyperedges: interner.finish() };
}
