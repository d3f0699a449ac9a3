/**
 * One part of a divided hypergraph, as a worker holds it. A part owns vertices and hyperedges. It has the whole list of
 * members of each of its hyperedges, and the whole list of hyperedges of each of its vertices; what these lists name and
 * another part owns has a slot here too: a *halo* vertex or a *ghost* hyperedge, which takes values and owns nothing.
 *
 * Slots of vertices: own ones by rising index, then halo vertices by owner and index. Slots of hyperedges alike. Owner and
 * holder list what is on their common boundary in the same order, so values travel without the indexes they belong to.
 */

/** Lists, one per other part: list q is `indexes[offsets[q]]` to `indexes[offsets[q + 1] - 1]`. */
export interface Routes {
  readonly offsets: Uint32Array;
  readonly indexes: Uint32Array;
}

export interface PartitionData {
  readonly part: number;
  readonly parts: number;
  /** Index in the whole graph of every slot: own ones first. */
  readonly vertexIds: Uint32Array;
  readonly hyperedgeIds: Uint32Array;
  readonly vertexCount: number;
  readonly hyperedgeCount: number;
  /** Members of own hyperedges, as slots, in the order listed. */
  readonly edgeOffsets: Uint32Array;
  readonly edgeMembers: Uint32Array;
  /** By place in `edgeMembers`, where the graph has directions (`DIRECTION`); else the first member of a hyperedge is its tail. */
  readonly edgeDirections?: Uint8Array;
  /** Hyperedges of own vertices, as slots, by rising index in the whole graph. */
  readonly nodeOffsets: Uint32Array;
  readonly nodeMembers: Uint32Array;
  /** Own vertices that part q holds as halo, in its order. */
  readonly vertexSends: Routes;
  /** Halo vertices of part q are the slots `vertexCount + haloOffsets[q]` to `vertexCount + haloOffsets[q + 1] - 1`. */
  readonly haloOffsets: Uint32Array;
  /** Own hyperedges that part q holds as ghosts, in its order. */
  readonly edgeSends: Routes;
  readonly ghostOffsets: Uint32Array;
}

/** Values for the boundary with one part: for all its places, or for those in `positions`. */
export interface Frame {
  readonly values: Float64Array | Uint32Array;
  readonly positions?: Uint32Array;
}

/** What a part sends to each part, or null where there is nothing to say. */
export type Frames = readonly (Frame | null)[];

/** A part that is not sent: workers read it from a file that they share. */
export interface PartitionFile {
  readonly path: string;
}

export type PartitionSource = PartitionData | PartitionFile;

export const isPartitionFile = (source: PartitionSource): source is PartitionFile => 'path' in source;

export function framesBytes(frames: Frames): number {
  let bytes = 0;
  for (const frame of frames) {
    if (frame !== null) bytes += frame.values.byteLength + (frame.positions?.byteLength ?? 0);
  }
  return bytes;
}
