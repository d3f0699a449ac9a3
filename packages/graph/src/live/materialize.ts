/** What a generation holds at one epoch, ready to be put into flat arrays. */
import { IdInterner } from '../ids/id-interner.js';
import type { InternedIds } from '../ids/integer-interner.js';
import type { GraphDraft } from '../store/assemble.js';
import { directionColumn, type PropertyColumns } from '../store/properties.js';
import { U32Column } from '../store/u32-column.js';
import type { Generation } from './generation.js';
import type { VersionedIds } from './versioned-ids.js';

export function draftOf(generation: Generation, epoch: number): GraphDraft {
  const { vertices, hyperedges, tables, base } = generation;
  const aliveVertices = renumber(vertices, epoch);
  const aliveHyperedges = renumber(hyperedges, epoch);
  const members = new U32Column();
  const grouping = groupingOf(generation, aliveVertices.provisional, aliveHyperedges, members);
  const incidences = incidenceColumns(generation, aliveHyperedges.versions, members.length, epoch);
  return {
    vertices: aliveVertices.ids,
    members,
    grouping,
    repeatedMembers: 'keep',
    kind: incidences.direction === undefined ? base.kind : 'directed',
    properties: {
      vertices: tables.vertices.columns(aliveVertices.versions, aliveVertices.places, epoch),
      hyperedges: tables.hyperedges.columns(aliveHyperedges.versions, aliveHyperedges.places, epoch),
      incidences,
    },
    source: { format: 'memory', paths: [], warnings: [] },
  };
}

/** Collects the members. Where hyperedges keep their order, as they do mostly, their sizes say all. */
function groupingOf(
  generation: Generation,
  names: Uint32Array,
  { versions, provisional, ids }: Renumbered,
  members: U32Column,
): GraphDraft['grouping'] {
  if (isInOrder(ids)) {
    const sizes = new U32Column();
    for (const hyperedge of versions) sizes.push(generation.copyMembers(hyperedge, names, members));
    return { sizes, hyperedges: ids.ids };
  }
  const owners = new U32Column();
  for (const hyperedge of versions) {
    const size = generation.copyMembers(hyperedge, names, members);
    for (let at = 0; at < size; at++) owners.push(provisional[hyperedge]!);
  }
  return { owners, hyperedges: ids };
}

/** Whether ids have the order in which they were interned. Of integers provisional indexes are even, of texts odd. */
function isInOrder({ ids, ranks }: InternedIds): boolean {
  if (ranks === undefined) return true;
  if (ranks.length !== 2 * ids.size) return false;
  const isRising = (kind: 0 | 1) => {
    for (let index = 0; index < ids.size; index++) {
      if (ranks[2 * index + kind] !== index) return false;
    }
    return true;
  };
  return isRising(0) || isRising(1);
}

interface Renumbered {
  /** What is alive, oldest first. */
  readonly versions: Uint32Array;
  /** Provisional index by version. */
  readonly provisional: Uint32Array;
  readonly ids: InternedIds;
  /** Final index of each of `versions`. */
  readonly places: Uint32Array;
}

function renumber(things: VersionedIds, epoch: number): Renumbered {
  const interner = new IdInterner();
  const provisional = new Uint32Array(things.length);
  const alive = new Uint32Array(things.length);
  let count = 0;
  for (let version = 0; version < things.length; version++) {
    if (!things.isAlive(version, epoch)) continue;
    alive[count++] = version;
    provisional[version] = interner.intern(things.externalOf(version));
  }
  const ids = interner.finish();
  const versions = alive.subarray(0, count);
  const places = versions.map((version) => {
    const index = provisional[version]!;
    return ids.ranks?.[index] ?? index;
  });
  return { versions, provisional, ids, places };
}

/** What is said of single members, in the order in which they were collected. */
function incidenceColumns(
  generation: Generation,
  hyperedges: Uint32Array,
  count: number,
  epoch: number,
): PropertyColumns {
  const { incidences } = generation.tables;
  if (incidences.names().length === 0) return {};
  const numbers = new Uint32Array(count);
  let length = 0;
  for (const hyperedge of hyperedges) {
    const first = generation.firstIncidenceOf(hyperedge);
    const size = generation.sizeOf(hyperedge);
    for (let place = 0; place < size; place++) numbers[length++] = first + place;
  }
  const places = Uint32Array.from(numbers, (_, at) => at);
  const columns = incidences.columns(numbers, places, epoch);
  const direction = columns.direction && directionColumn(columns.direction);
  return direction === undefined ? columns : { ...columns, direction };
}
