/** A hypergraph whose incidences are in parts on disk: algorithms that go by supersteps run on it like on a whole one. */
import { AnantError } from '@anant/core';
import { Hypergraph } from '../hypergraph.js';
import type { MemberRange } from '../store/member-range.js';
import { type PartsFolder, readPartsFolder } from './parts-folder.js';
import { mostOtherMembersOf } from './parts-other-members.js';
import type { PartitionPlan } from './plan.js';

export class HypergraphInParts extends Hypergraph {
  override readonly incidenceCount: number;
  readonly plan: PartitionPlan;
  readonly #edgeOffsets: Uint32Array;
  readonly #nodeOffsets: Uint32Array;

  private constructor({ plan, edgeOffsets, nodeOffsets, ids }: PartsFolder) {
    // The lists of members stay empty; where they would begin is known.
    ids.edgeToNodes.offsets.set(edgeOffsets);
    ids.nodeToEdges.offsets.set(nodeOffsets);
    super(ids);
    this.incidenceCount = plan.whole.incidenceCount;
    this.plan = plan;
    this.#edgeOffsets = edgeOffsets;
    this.#nodeOffsets = nodeOffsets;
  }

  /**
   * Opens a folder of parts; reads each part once and keeps its ids: 8 bytes per vertex and hyperedge.
   * @throws AnantError `E_FILE_NOT_FOUND` for a part that is missing; `E_FILE_FORMAT` for no such folder, one of another version,
   * and parts that are truncated, damaged or of another division
   */
  static async openFolder(folder: string): Promise<HypergraphInParts> {
    return new HypergraphInParts(await readPartsFolder(folder));
  }

  override degreeOf(vertex: number): number {
    return lengthOf(this.#nodeOffsets, vertex, 'vertex');
  }

  override sizeOf(hyperedge: number): number {
    return lengthOf(this.#edgeOffsets, hyperedge, 'hyperedge');
  }

  override memberRange(): MemberRange {
    return this.plan.whole.memberRange();
  }

  override mostOtherMembers(): number {
    return mostOtherMembersOf(this.plan);
  }

  override membersOf(): Uint32Array {
    throw inParts();
  }

  override hyperedgesOf(): Uint32Array {
    throw inParts();
  }
}

function lengthOf(offsets: Uint32Array, list: number | undefined, what: string): number {
  // What reads a list that is not here comes without a number.
  if (list === undefined) throw inParts();
  if (!Number.isInteger(list) || list < 0 || list + 1 >= offsets.length) {
    throw new RangeError(`There is no ${what} ${list}; they end at ${offsets.length - 2}.`);
  }
  return offsets[list + 1]! - offsets[list]!;
}

function inParts(): AnantError {
  return new AnantError(
    'E_GRAPH_INVALID',
    'The graph is in parts: its lists of members are not in this process.',
    {
      advice: 'Load the whole graph for what needs them.',
    },
  );
}
