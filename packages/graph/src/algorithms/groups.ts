/** Groups of ids that carry the same canonical label: the smallest id of the group. */
import type { Hypergraph } from '../hypergraph.js';
import type { Fact, ResultTable } from './result.js';
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

export const COMPONENT_NAMES = { one: 'component', many: 'components' } as const;

export interface GroupNames {
  readonly one: string;
  readonly many: string;
  /** How many groups there are. */
  readonly count: number;
}

const EXAMPLES = 5;

/** Groups of all vertices for people: how many, how large, and the largest ones. */
export function describeGroups(
  graph: Hypergraph,
  labels: Uint32Array,
  { one, many, count }: GroupNames,
): { readonly summary: readonly Fact[]; readonly table: (rows: number) => ResultTable } {
  const groups = groupSizes(labels);
  return {
    summary: [
      { name: many, value: count },
      { name: 'largest', value: `${groups.largest} vertices (${percent(groups.largest, labels.length)})` },
      { name: 'single vertices', value: groups.singletons },
    ],
    table: (rows) => ({
      columns: [one, 'vertices', 'examples'],
      rows: largestGroups(groups, rows).map((label) => [
        graph.labelOf(label),
        groups.sizes[label]!,
        firstOfGroup(labels, label, EXAMPLES)
          .map((vertex) => graph.labelOf(vertex))
          .join(', '),
      ]),
    }),
  };
}
