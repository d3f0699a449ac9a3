/**
 * Values of members of hyperedges, one for each incidence: what a hyperedge has for each of its members, where it is owned, goes to
 * where the member is owned. Both sides know the order: hyperedges by rising index, in each the members by rising index.
 */
import type { Frame, Frames, PartitionData } from './partition-data.js';

/** No place: a repeated member. */
export const NO_PLACE = 0xffff_ffff;

/** The values of a part: one for each place in `nodeMembers`, then those that are sent, by part. */
export interface MemberRoutes {
  /** Of each place in `edgeMembers`, where its value is; `NO_PLACE` for a member that is listed before. */
  readonly places: Uint32Array;
  readonly length: number;
  /** Values sent to part q are `sends[q]` to `sends[q + 1] - 1`. */
  readonly sends: Uint32Array;
  /** What part q sends goes to the places `received[receives[q]]` to `received[receives[q + 1] - 1]`. */
  readonly receives: Uint32Array;
  readonly received: Uint32Array;
}

export function memberRoutes(data: PartitionData): MemberRoutes {
  const places = ownPlaces(data);
  const sends = sentPlaces(data, places);
  return { places, sends, length: sends[data.parts]!, ...receivedPlaces(data) };
}

/** Own members, where their lists of hyperedges have them: both rise, so one look through each list finds all. */
function ownPlaces(data: PartitionData): Uint32Array {
  const { vertexCount, nodeOffsets, nodeMembers, edgeMembers } = data;
  const places = new Uint32Array(edgeMembers.length).fill(NO_PLACE);
  const cursors = nodeOffsets.slice();
  eachMember(data, (hyperedge, place) => {
    const vertex = edgeMembers[place]!;
    if (vertex >= vertexCount) return;
    let at = cursors[vertex]!;
    while (nodeMembers[at] !== hyperedge) at++;
    cursors[vertex] = at;
    places[place] = at;
  });
  return places;
}

/** Halo members, after all own ones. @returns where the values for each part begin. */
function sentPlaces(data: PartitionData, places: Uint32Array): Uint32Array {
  const { parts, vertexCount, haloOffsets, edgeMembers, nodeMembers } = data;
  const owners = new Uint32Array(haloOffsets[parts]!);
  for (let part = 0; part < parts; part++) owners.fill(part, haloOffsets[part], haloOffsets[part + 1]);
  const ownerOf = (place: number) => owners[edgeMembers[place]! - vertexCount]!;
  const counts = new Uint32Array(parts);
  const foreign: number[] = [];
  eachMember(data, (_, place) => {
    if (edgeMembers[place]! < vertexCount) return;
    foreign.push(place);
    counts[ownerOf(place)]! += 1;
  });
  const sends = new Uint32Array(parts + 1);
  sends[0] = nodeMembers.length;
  for (let part = 0; part < parts; part++) sends[part + 1] = sends[part]! + counts[part]!;
  const ends = sends.slice(0, parts);
  let from = 0;
  for (let hyperedge = 0; hyperedge < data.hyperedgeCount; hyperedge++) {
    const end = data.edgeOffsets[hyperedge + 1]!;
    let to = from;
    while (to < foreign.length && foreign[to]! < end) to++;
    const rising = foreign.slice(from, to).sort((a, b) => edgeMembers[a]! - edgeMembers[b]!);
    for (const place of rising) places[place] = ends[ownerOf(place)]!++;
    from = to;
  }
  return sends;
}

function receivedPlaces(data: PartitionData): Pick<MemberRoutes, 'receives' | 'received'> {
  const { parts, hyperedgeCount, hyperedgeIds, vertexCount, nodeOffsets, nodeMembers, ghostOffsets } = data;
  const starts = new Uint32Array(hyperedgeIds.length - hyperedgeCount + 1);
  const eachGhost = (visit: (ghost: number, place: number) => void): void => {
    for (let vertex = 0; vertex < vertexCount; vertex++) {
      let last = -1;
      for (let place = nodeOffsets[vertex]!; place < nodeOffsets[vertex + 1]!; place++) {
        const hyperedge = nodeMembers[place]!;
        if (hyperedge !== last && hyperedge >= hyperedgeCount) visit(hyperedge - hyperedgeCount, place);
        last = hyperedge;
      }
    }
  };
  eachGhost((ghost) => {
    starts[ghost + 1]! += 1;
  });
  for (let ghost = 1; ghost < starts.length; ghost++) starts[ghost]! += starts[ghost - 1]!;
  const receives = Uint32Array.from({ length: parts + 1 }, (_, part) => starts[ghostOffsets[part]!]!);
  const received = new Uint32Array(starts.at(-1)!);
  eachGhost((ghost, place) => {
    received[starts[ghost]!++] = place;
  });
  return { receives, received };
}

/** Calls `visit` with the places of the members of own hyperedges, without those that are listed before. */
function eachMember(
  { vertexIds, hyperedgeCount, edgeOffsets, edgeMembers }: PartitionData,
  visit: (hyperedge: number, place: number) => void,
): void {
  const stamps = new Uint32Array(vertexIds.length);
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    for (let place = edgeOffsets[hyperedge]!; place < edgeOffsets[hyperedge + 1]!; place++) {
      const member = edgeMembers[place]!;
      if (stamps[member] === hyperedge + 1) continue;
      stamps[member] = hyperedge + 1;
      visit(hyperedge, place);
    }
  }
}

export function sendMemberValues({ sends }: MemberRoutes, values: Float64Array): Frames {
  return Array.from({ length: sends.length - 1 }, (_, part): Frame | null => {
    const own = values.slice(sends[part], sends[part + 1]);
    return own.length > 0 ? { values: own } : null;
  });
}

export function placeMemberValues(
  frames: Frames,
  { receives, received }: MemberRoutes,
  values: Float64Array,
): void {
  frames.forEach((frame, part) => {
    if (frame === null) return;
    const start = receives[part]!;
    for (let i = 0; i < frame.values.length; i++) values[received[start + i]!] = frame.values[i]!;
  });
}

/** Adds up, for each own vertex, the values of its hyperedges, by rising index. */
export function sumMemberValues(
  { vertexCount, nodeOffsets, nodeMembers }: PartitionData,
  values: Float64Array,
  sums: Float64Array,
): void {
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    let sum = 0;
    let last = -1;
    for (let place = nodeOffsets[vertex]!; place < nodeOffsets[vertex + 1]!; place++) {
      if (nodeMembers[place] !== last) sum += values[place]!;
      last = nodeMembers[place]!;
    }
    sums[vertex] = sum;
  }
}
