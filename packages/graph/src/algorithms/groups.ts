/** Groups of ids that carry the same canonical label: the smallest id of the group. */
import { topIndexes } from './top-indexes.js';

/** Label of an id that belongs to no group. */
export const NO_GROUP = 0xffff_ffff;

export interface Groups {
  /** Number of counted ids by label; 0 for what is no label. */
  readonly sizes: Uint32Array;
  readonly largest: number;
  /** Groups of one. */
  readonly singletons: number;
}

/** @param counts Which ids count; all by default. */
export function groupSizes(labels: Uint32Array, counts: (id: number) => boolean = () => true): Groups {
  const sizes = new Uint32Array(labels.length);
  for (let id = 0; id < labels.length; id++) {
    const label = labels[id]!;
    if (label !== NO_GROUP && counts(id)) sizes[label]! += 1;
  }
  let largest = 0;
  let singletons = 0;
  for (const size of sizes) {
    if (size > largest) largest = size;
    if (size === 1) singletons += 1;
  }
  return { sizes, largest, singletons };
}

/** Labels of the largest groups, largest first. */
export function largestGroups({ sizes }: Groups, count: number): number[] {
  return topIndexes(sizes, count).filter((label) => sizes[label]! > 0);
}

/** The first `count` ids of a group. */
export function firstOfGroup(labels: Uint32Array, label: number, count: number): number[] {
  const ids: number[] = [];
  for (let id = label; id < labels.length && ids.length < count; id++) {
    if (labels[id] === label) ids.push(id);
  }
  return ids;
}

/** A share as a percentage with one decimal, or `-` of nothing. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}
