/** What a default of a parameter needs of lists that are in parts: parts are read one after the other. */
import { mostOtherMembers } from '../store/other-members.js';
import { partitionOf } from './partition-file.js';
import { lengths, type PartitionPlan } from './plan.js';

/** `mostOtherMembers` of the whole graph. Reads every part twice: sizes of hyperedges that other parts own come first. */
export function mostOtherMembersOf({ sources, whole }: Pick<PartitionPlan, 'sources' | 'whole'>): number {
  const sizes = new Uint32Array(whole.hyperedgeCount);
  for (const source of sources) {
    const { edgeOffsets, hyperedgeIds, hyperedgeCount } = partitionOf(source);
    lengths(edgeOffsets, hyperedgeIds.subarray(0, hyperedgeCount), sizes);
  }
  return sources.reduce((most, source) => {
    const { nodeOffsets, nodeMembers, hyperedgeIds } = partitionOf(source);
    const lists = { offsets: nodeOffsets, members: nodeMembers };
    return Math.max(
      most,
      mostOtherMembers(lists, (slot) => sizes[hyperedgeIds[slot]!]!),
    );
  }, 1);
}
