/** The `edgeToNodes` side from what a reader collected: members hyperedge by hyperedge, or single incidences in any order. */
import type { U32Column } from './u32-column.js';

/** Members come hyperedge by hyperedge; `sizes` says how many each has. */
export function groupBySizes(
  target: { readonly offsets: Uint32Array; readonly members: Uint32Array },
  sizes: U32Column,
  members: U32Column,
  ranks: Uint32Array | undefined,
): void {
  const { offsets } = target;
  let list = 0;
  let end = 0;
  for (const piece of sizes.pieces()) {
    for (let i = 0; i < piece.length; i++) {
      end += piece[i]!;
      list += 1;
      offsets[list] = end;
    }
  }
  members.copyTo(target.members, ranks);
}

/**
 * Members come in any order, each with its hyperedge; those of one hyperedge keep their order.
 * @returns For every place of the result, which incidence it came from.
 */
export function groupByOwners(
  target: { readonly offsets: Uint32Array; readonly members: Uint32Array },
  owners: Uint32Array,
  members: Uint32Array,
): Uint32Array {
  const { offsets } = target;
  const count = offsets.length - 1;
  for (let i = 0; i < owners.length; i++) offsets[owners[i]! + 1]! += 1;
  for (let list = 0; list < count; list++) offsets[list + 1]! += offsets[list]!;
  const next = offsets.slice(0, count);
  const sources = new Uint32Array(owners.length);
  for (let i = 0; i < owners.length; i++) {
    const at = next[owners[i]!]++;
    target.members[at] = members[i]!;
    sources[at] = i;
  }
  return sources;
}
