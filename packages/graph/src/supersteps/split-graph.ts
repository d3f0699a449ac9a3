/** Divides a hypergraph in memory into the parts that workers hold. */
import type { Incidence } from '../store/incidence.js';
import type { PartitionData, Routes } from './partition-data.js';

/** What is divided: both sides of a hypergraph. */
export interface SplitInput {
  readonly edgeToNodes: Incidence;
  readonly nodeToEdges: Incidence;
  /** By place in `edgeToNodes`. */
  readonly directions?: Uint8Array;
}

/**
 * The part that owns a hyperedge: where most of its members are, the smallest of several. One without members goes by turns.
 * @param counts Zeros, one per part; zeros again afterwards.
 */
export function ownerOf(
  hyperedge: number,
  members: Uint32Array,
  parts: Uint32Array,
  counts: Uint32Array,
): number {
  if (members.length === 0) return hyperedge % counts.length;
  let best = counts.length;
  for (let i = 0; i < members.length; i++) {
    const part = parts[members[i]!]!;
    const count = ++counts[part]!;
    if (best === counts.length || count > counts[best]! || (count === counts[best] && part < best))
      best = part;
  }
  for (let i = 0; i < members.length; i++) counts[parts[members[i]!]!] = 0;
  return best;
}

export function ownersOf({ offsets, members }: Incidence, parts: Uint32Array, k: number): Uint32Array {
  const counts = new Uint32Array(k);
  return Uint32Array.from({ length: offsets.length - 1 }, (_, hyperedge) =>
    ownerOf(hyperedge, members.subarray(offsets[hyperedge], offsets[hyperedge + 1]), parts, counts),
  );
}

/** @param parts The part of every vertex, from 0 to k - 1. */
export function splitGraph(
  { edgeToNodes, nodeToEdges, directions }: SplitInput,
  parts: Uint32Array,
  k: number,
): PartitionData[] {
  const owners = ownersOf(edgeToNodes, parts, k);
  const vertices = listsByPart(parts, k);
  const hyperedges = listsByPart(owners, k);
  const halves = Array.from({ length: k }, (_, part) => ({
    nodes: ownLists(edgeToNodes, hyperedges[part]!, parts, part, k, vertices[part]!),
    edges: ownLists(nodeToEdges, vertices[part]!, owners, part, k, hyperedges[part]!),
  }));
  const nodeHalves = halves.map(({ nodes }) => nodes);
  const edgeHalves = halves.map(({ edges }) => edges);
  return halves.map(({ nodes, edges }, part) => ({
    ...partOf(part, nodes, edges, {
      vertexSends: sendsOf(part, nodeHalves, vertices[part]!),
      edgeSends: sendsOf(part, edgeHalves, hyperedges[part]!),
    }),
    ...(directions && { edgeDirections: directionsOf(directions, edgeToNodes.offsets, hyperedges[part]!) }),
  }));
}

function directionsOf(directions: Uint8Array, offsets: Uint32Array, hyperedges: Uint32Array): Uint8Array {
  let length = 0;
  for (const hyperedge of hyperedges) length += offsets[hyperedge + 1]! - offsets[hyperedge]!;
  const own = new Uint8Array(new SharedArrayBuffer(length));
  let at = 0;
  for (const hyperedge of hyperedges) {
    own.set(directions.subarray(offsets[hyperedge], offsets[hyperedge + 1]), at);
    at += offsets[hyperedge + 1]! - offsets[hyperedge]!;
  }
  return own;
}

/** A part from its lists of members and of hyperedges. */
export function partOf(
  part: number,
  nodes: OwnLists,
  edges: OwnLists,
  sends: Pick<PartitionData, 'vertexSends' | 'edgeSends'>,
): PartitionData {
  return {
    part,
    parts: nodes.foreignOffsets.length - 1,
    vertexIds: nodes.ids,
    hyperedgeIds: edges.ids,
    vertexCount: edges.offsets.length - 1,
    hyperedgeCount: nodes.offsets.length - 1,
    edgeOffsets: nodes.offsets,
    edgeMembers: nodes.members,
    nodeOffsets: edges.offsets,
    nodeMembers: edges.members,
    haloOffsets: nodes.foreignOffsets,
    ghostOffsets: edges.foreignOffsets,
    ...sends,
  };
}

/** Indexes of each part, rising. */
export function listsByPart(parts: Uint32Array, k: number): Uint32Array[] {
  const sizes = new Uint32Array(k);
  for (let index = 0; index < parts.length; index++) sizes[parts[index]!]! += 1;
  const lists = Array.from(sizes, (size) => shared(size));
  const ends = new Uint32Array(k);
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    lists[part]![ends[part]!++] = index;
  }
  return lists;
}

/** Lists of one side with their members as slots. */
export interface OwnLists {
  readonly offsets: Uint32Array;
  readonly members: Uint32Array;
  /** Of every slot, in the whole graph. */
  readonly ids: Uint32Array;
  /** Slots of part q begin at this much after the own ones. */
  readonly foreignOffsets: Uint32Array;
}

function ownLists(
  side: Incidence,
  lists: Uint32Array,
  ownerOfMember: Uint32Array,
  part: number,
  k: number,
  ownMembers: Uint32Array,
): OwnLists {
  const offsets = shared(lists.length + 1);
  for (let i = 0; i < lists.length; i++) {
    const list = lists[i]!;
    offsets[i + 1] = offsets[i]! + side.offsets[list + 1]! - side.offsets[list]!;
  }
  const members = shared(offsets[lists.length]!);
  for (let i = 0; i < lists.length; i++) {
    members.set(side.members.subarray(side.offsets[lists[i]!], side.offsets[lists[i]! + 1]), offsets[i]);
  }
  return slotted({ offsets, members }, ownerOfMember, part, k, ownMembers);
}

/** Replaces members by slots, in place. */
export function slotted(
  { offsets, members }: Incidence,
  ownerOfMember: Uint32Array,
  part: number,
  k: number,
  ownMembers: Uint32Array,
): OwnLists {
  // The slot of each member, plus one.
  const slots = new Uint32Array(ownerOfMember.length);
  for (let slot = 0; slot < ownMembers.length; slot++) slots[ownMembers[slot]!] = slot + 1;
  const foreign: number[][] = Array.from({ length: k }, () => []);
  for (let i = 0; i < members.length; i++) {
    const member = members[i]!;
    if (slots[member] !== 0 || ownerOfMember[member] === part) continue;
    slots[member] = 1;
    foreign[ownerOfMember[member]!]!.push(member);
  }
  const foreignOffsets = new Uint32Array(k + 1);
  for (let owner = 0; owner < k; owner++)
    foreignOffsets[owner + 1] = foreignOffsets[owner]! + foreign[owner]!.length;
  const ids = shared(ownMembers.length + foreignOffsets[k]!);
  ids.set(ownMembers);
  for (let owner = 0; owner < k; owner++) {
    const start = ownMembers.length + foreignOffsets[owner]!;
    ids.set(Uint32Array.from(foreign[owner]!).sort(), start);
    for (let slot = start; slot < ownMembers.length + foreignOffsets[owner + 1]!; slot++)
      slots[ids[slot]!] = slot + 1;
  }
  for (let i = 0; i < members.length; i++) members[i] = slots[members[i]!]! - 1;
  return { offsets, members, ids, foreignOffsets };
}

/** What of `own` each other part holds, in its order. */
export function sendsOf(part: number, holders: readonly OwnLists[], own: Uint32Array): Routes {
  const held = holders.map(({ ids, foreignOffsets }, holder) => {
    const start = ids.length - foreignOffsets.at(-1)!;
    return holder === part
      ? ids.subarray(0, 0)
      : ids.subarray(start + foreignOffsets[part]!, start + foreignOffsets[part + 1]!);
  });
  const offsets = new Uint32Array(held.length + 1);
  held.forEach((ids, holder) => {
    offsets[holder + 1] = offsets[holder]! + ids.length;
  });
  const indexes = shared(offsets.at(-1)!);
  held.forEach((ids, holder) => {
    // Both rise: one pass finds all.
    let slot = 0;
    for (let i = 0; i < ids.length; i++) {
      while (own[slot]! < ids[i]!) slot++;
      indexes[offsets[holder]! + i] = slot;
    }
  });
  return { offsets, indexes };
}

/** Shared memory: threads of one process take it as it is, others get a copy. */
export function shared(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * Uint32Array.BYTES_PER_ELEMENT));
}
