/**
 * Divides a hypergraph that does not fit into one memory: one pass over its hyperedges, then one part at a time. Kept in this
 * process are 4 bytes per vertex and 8 per hyperedge, the boundary, and one part; the rest is in files.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import type { GraphParts } from '../store/graph-parts.js';
import type { Incidence } from '../store/incidence.js';
import { joinRanges, type MemberRange } from '../store/member-range.js';
import { offsetsOf } from '../store/offsets.js';
import { U32Column } from '../store/u32-column.js';
import type { HyperedgeSource } from './hyperedge-file.js';
import { readPartition, writePartition } from './partition-file.js';
import { clearPartsFolder, notWritten, numbered, partPath } from './parts-folder.js';
import { memberRangeOfPart, PARTITIONS_MAX, type PartitionPlan } from './plan.js';
import { Spill } from './spill.js';
import { listsByPart, type OwnLists, ownerOf, partOf, sendsOf, shared, slotted } from './split-graph.js';
import { sumBounds } from './sum-blocks.js';
import { VertexPlacer } from './vertex-placer.js';

export interface StreamedParts {
  readonly plan: PartitionPlan;
  /** Vertices and hyperedges without incidences. */
  readonly names: GraphParts;
}

/** Numbers of all spills of a kind that wait in memory: 16 MiB each of both kinds. */
const BUFFERED_WORDS = 4_194_304;

export interface StreamPartsOptions {
  readonly partitions: number;
  /** @default 'stream' */
  readonly partitioner?: 'hash' | 'stream';
}

/**
 * Writes the parts into a folder. At most 2^32 - 1 incidences: sums divide them by 32-bit offsets.
 * @throws AnantError `E_GRAPH_INVALID`, and what reading the source throws
 */
export async function streamParts(
  source: HyperedgeSource,
  folder: string,
  { partitions, partitioner = 'stream' }: StreamPartsOptions,
): Promise<StreamedParts> {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX) {
    throw new AnantError(
      'E_GRAPH_INVALID',
      `"partitions" must be an integer from 1 to ${PARTITIONS_MAX}, not ${partitions}.`,
    );
  }
  let pass: PartsPass | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    clearPartsFolder(folder);
    const own = new PartsPass(folder, partitions, partitioner);
    pass = own;
    const names = await source.read((members) => own.hyperedge(members));
    const plan = writePlan(own, folder, { partitions, partitioner }, names?.vertices.size);
    return { plan, names: names ?? numbered(plan.whole) };
  } catch (cause) {
    if (AnantError.is(cause) || (cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw notWritten(folder, cause);
  } finally {
    pass?.discard();
  }
}

/** Writes the parts, one after the other. */
function writePlan(
  pass: PartsPass,
  folder: string,
  { partitions, partitioner }: Required<StreamPartsOptions>,
  vertexCount = 0,
): PartitionPlan {
  const { parts, lone } = pass.finish(vertexCount);
  const owners = valuesOf(pass.owners);
  const owned = {
    vertices: listsByPart(parts, partitions),
    hyperedges: listsByPart(owners, partitions),
  };
  const none = { offsets: new Uint32Array(partitions + 1), indexes: new Uint32Array(0) };
  let range: MemberRange;
  const halves = owned.vertices.map((vertices, part) => {
    const hyperedges = owned.hyperedges[part]!;
    const nodes = slotted(
      edgeSide(pass.hyperedges[part]!.take(), hyperedges.length),
      parts,
      part,
      partitions,
      vertices,
    );
    const edges = slotted(
      nodeSide(pass.incidences[part]!.take(), vertices, parts.length),
      owners,
      part,
      partitions,
      hyperedges,
    );
    const data = partOf(part, nodes, edges, { vertexSends: none, edgeSends: none });
    range = joinRanges(range, memberRangeOfPart(data));
    writePartition(partPath(folder, part), data);
    const incidences = nodes.members.length + edges.members.length;
    return { nodes: foreignOf(nodes), edges: foreignOf(edges), incidences };
  });
  // What a part sends is known once all parts are.
  halves.forEach((_, part) => {
    const path = partPath(folder, part);
    writePartition(path, {
      ...readPartition(path),
      vertexSends: sendsOf(
        part,
        halves.map(({ nodes }) => nodes),
        owned.vertices[part]!,
      ),
      edgeSends: sendsOf(
        part,
        halves.map(({ edges }) => edges),
        owned.hyperedges[part]!,
      ),
    });
  });
  const offsets = offsetsOf(valuesOf(pass.sizes));
  const largest = Math.max(...owned.vertices.map(({ length }) => length));
  return {
    sources: halves.map((_, part) => ({ path: partPath(folder, part) })),
    owned: owned.vertices.map((vertices, part) => ({ vertices, hyperedges: owned.hyperedges[part]! })),
    whole: {
      vertexCount: parts.length,
      hyperedgeCount: owners.length,
      incidenceCount: offsets.at(-1)!,
      loneByBlock: () => lone,
      sumBounds: (count) => sumBounds(offsets, count),
      memberRange: () => range,
    },
    partitioner,
    cut: {
      hyperedges: pass.cut,
      connectivity: pass.connectivity,
      boundary: halves.reduce((sum, { nodes, edges }) => sum + nodes.ids.length + edges.ids.length, 0),
      imbalance: parts.length === 0 ? 0 : (largest * partitions) / parts.length - 1,
      incidencesMax: Math.max(...halves.map(({ incidences }) => incidences)),
    },
  };
}

/** One pass: places vertices, and writes each hyperedge where its owner and the owners of its members will look for it. */
class PartsPass {
  readonly owners = new U32Column();
  readonly sizes = new U32Column();
  readonly hyperedges: readonly Spill[];
  readonly incidences: readonly Spill[];
  cut = 0;
  connectivity = 0;
  readonly #placer: VertexPlacer;
  readonly #counts: Uint32Array;
  #count = 0;

  constructor(folder: string, k: number, partitioner: 'hash' | 'stream') {
    const bufferWords = Math.ceil(BUFFERED_WORDS / k);
    const spills = (name: string) =>
      Array.from({ length: k }, (_, part) => new Spill(join(folder, `${name}-${part}.spill`), bufferWords));
    this.hyperedges = spills('hyperedges');
    this.incidences = spills('incidences');
    this.#placer = new VertexPlacer(k, partitioner);
    this.#counts = new Uint32Array(k);
  }

  hyperedge(members: Uint32Array): void {
    const hyperedge = this.#count++;
    this.#placer.place(members);
    const { parts } = this.#placer;
    const owner = ownerOf(hyperedge, members, parts, this.#counts);
    this.owners.push(owner);
    this.sizes.push(members.length);
    this.#measure(members, parts);
    const own = this.hyperedges[owner]!;
    own.push(members.length);
    for (const member of members) {
      own.push(member);
      const holder = this.incidences[parts[member]!]!;
      holder.push(member);
      holder.push(hyperedge);
    }
  }

  /** @param vertexCount At least so many vertices there are. */
  finish(vertexCount: number) {
    return this.#placer.finish(vertexCount);
  }

  discard(): void {
    for (const spill of [...this.hyperedges, ...this.incidences]) spill.discard();
  }

  #measure(members: Uint32Array, parts: Uint32Array): void {
    let met = 0;
    for (const member of members) if (this.#counts[parts[member]!]!++ === 0) met += 1;
    for (const member of members) this.#counts[parts[member]!] = 0;
    if (met < 2) return;
    this.cut += 1;
    this.connectivity += met - 1;
  }
}

function edgeSide(words: Uint32Array, count: number): Incidence {
  const offsets = shared(count + 1);
  const members = shared(words.length - count);
  for (let list = 0, at = 0; list < count; list++) {
    const size = words[at++]!;
    members.set(words.subarray(at, at + size), offsets[list]);
    offsets[list + 1] = offsets[list]! + size;
    at += size;
  }
  return { offsets, members };
}

/** @param pairs Vertex and hyperedge by turns, hyperedges rising. */
function nodeSide(pairs: Uint32Array, vertices: Uint32Array, vertexCount: number): Incidence {
  const places = new Uint32Array(vertexCount);
  for (let place = 0; place < vertices.length; place++) places[vertices[place]!] = place;
  const offsets = shared(vertices.length + 1);
  for (let at = 0; at < pairs.length; at += 2) offsets[places[pairs[at]!]! + 1]! += 1;
  for (let place = 0; place < vertices.length; place++) offsets[place + 1]! += offsets[place]!;
  const members = shared(pairs.length / 2);
  const next = offsets.slice();
  for (let at = 0; at < pairs.length; at += 2) members[next[places[pairs[at]!]!]!++] = pairs[at + 1]!;
  return { offsets, members };
}

/** Of lists, what others own: all that is kept of a part once it is written. */
function foreignOf({ ids, foreignOffsets, offsets }: OwnLists): OwnLists {
  const foreign = ids.slice(ids.length - foreignOffsets.at(-1)!);
  return { ids: foreign, foreignOffsets, offsets: offsets.subarray(0, 0), members: offsets.subarray(0, 0) };
}

function valuesOf(column: U32Column): Uint32Array {
  const values = new Uint32Array(column.length);
  column.copyTo(values);
  return values;
}
