/** How often each value occurs: degrees of vertices, sizes of hyperedges. */
import type { Hypergraph } from '../hypergraph.js';

/** What is counted: `degree` of vertices, `size` of hyperedges. */
export type DistributionOf = 'degree' | 'size';

export interface Distribution {
  readonly of: DistributionOf;
  /** Values that occur, rising. */
  readonly values: Uint32Array;
  /** How often each occurs. */
  readonly counts: Uint32Array;
  /** Number of vertices or hyperedges. */
  readonly total: number;
  readonly least: number;
  readonly largest: number;
  readonly median: number;
  readonly mean: number;
}

/** All fields are 0 where there is nothing to count. */
export function distributionOf(graph: Hypergraph, of: DistributionOf): Distribution {
  const { offsets } = of === 'degree' ? graph.nodeToEdges : graph.edgeToNodes;
  const total = offsets.length - 1;
  const sorted = new Uint32Array(total);
  for (let list = 0; list < total; list++) sorted[list] = offsets[list + 1]! - offsets[list]!;
  sorted.sort();
  const values: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < total; i++) {
    if (values.length === 0 || sorted[i] !== values.at(-1)) {
      values.push(sorted[i]!);
      counts.push(0);
    }
    counts[counts.length - 1]! += 1;
  }
  return {
    of,
    values: Uint32Array.from(values),
    counts: Uint32Array.from(counts),
    total,
    least: sorted[0] ?? 0,
    largest: sorted[total - 1] ?? 0,
    median: sorted[total >> 1] ?? 0,
    mean: total === 0 ? 0 : graph.incidenceCount / total,
  };
}

/** A range of values, both ends included, and how many fall into it. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Value by value while there are at most `binsMax` from least to largest; doubling ranges otherwise. */
export function binsOf({ values, counts, least, largest }: Distribution, binsMax = 16): Bin[] {
  if (values.length === 0) return [];
  const ranges: [number, number][] = [];
  if (largest - least < binsMax)
    for (let value = least; value <= largest; value++) ranges.push([value, value]);
  else {
    if (least === 0) ranges.push([0, 0]);
    for (let from = 1; from <= largest; from *= 2) ranges.push([from, from * 2 - 1]);
  }
  let at = 0;
  return ranges.map(([from, to]) => {
    let count = 0;
    for (; at < values.length && values[at]! <= to; at++) count += counts[at]!;
    return { from, to, count };
  });
}
