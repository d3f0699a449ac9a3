import { AnantError } from '@anant/core';
import { hMotifsTask, sampleHMotifsTask } from '../kernels/counting-tasks.js';
import { defineAlgorithm } from './algorithm.js';
import { type LineGraph, lineGraph } from './line-graph.js';
import { describeMotif, isOpenMotif, MOTIF_CLASSES, MOTIF_COUNT } from './motif-classes.js';
import type { KernelRun } from './run-kernel-task.js';
import { topIndexes } from './top-indexes.js';

export interface HMotifsParameters {
  /** Pairs of hyperedges that meet, drawn by `seed`; from 2, or 0 to count all triples. @default 0 */
  readonly samples?: number;
  /** 0 to 4,294,967,295. @default 0 */
  readonly seed?: number;
}

/** By motif; how far each count may be off is 0 when they are exact. */
export interface HMotifsValues {
  readonly [name: string]: Float64Array;
  readonly counts: Float64Array;
  readonly errorBounds: Float64Array;
}

/** How likely it is that no count is further off than its bound. */
const CONFIDENCE = 0.95;
const SAMPLES_MAX = 0xffff_fffe;
/** Of a pair of hyperedges that meet: what they share, once and in both directions. */
const BYTES_PER_EDGE = 24;

/**
 * Hypergraph motifs: how three connected hyperedges meet, by which of the seven parts of their Venn diagram have
 * vertices. There are 26 up to the order of the hyperedges, taken as different sets; `values.counts[m]` is the number of
 * triples of motif m, exact up to 2^53. Motifs are numbered by rising pattern (docs/graph.md). MoCHy-E of Lee, Ko and
 * Shin, "Hypergraph motifs: concepts, algorithms, and discoveries", PVLDB 13 (2020). The time grows with the pairs of
 * hyperedges that meet a third.
 *
 * With `samples` r, triples are counted around r of the W pairs that meet, drawn with repetition (MoCHy-A+, section 3.3), and
 * scaled by W / (r w), w being the pairs of a motif that meet, 2 or 3. With probability at least 0.95 no count is off by
 * more than `values.errorBounds[m]`: the empirical Bernstein bound of Maurer and Pontil (COLT 2009, theorem 4) with the
 * variance V found and the most triples R that a pair can be in, W / w (sqrt(2 V L / r) + 7 R L / (3 (r - 1))), L = ln(2 * 2 *
 * 26 / 0.05) for both sides of all motifs.
 * @throws AnantError `E_OUT_OF_MEMORY` when the line graph does not fit into one kernel memory; `E_GRAPH_INVALID`
 */
export const hMotifs = defineAlgorithm<HMotifsParameters, HMotifsValues>({
  name: 'h-motifs',
  description: 'Triples of connected hyperedges by how they meet: 26 motifs.',
  parameters: {
    samples: {
      type: 'integer',
      description: 'pairs of hyperedges around which triples are counted; 0 for all',
      default: 0,
      minimum: 0,
      maximum: SAMPLES_MAX,
    },
    seed: {
      type: 'integer',
      description: 'chooses the samples',
      default: 0,
      minimum: 0,
      maximum: 0xffff_ffff,
    },
  },
  async compute(run, { samples, seed }) {
    if (samples === 1) {
      throw new AnantError(
        'E_GRAPH_INVALID',
        '"samples" must be 0 for all, or from 2: one sample has no variance.',
      );
    }
    const { graph } = run;
    const line = await lineGraph(run, { s: 1, of: 'hyperedges', multiEdges: 'merge' }, BYTES_PER_EDGE);
    const inputs = { ...setsOf(run, line.nodes), ...bothWays(run, line) };
    const scalars = { vertexCount: graph.vertexCount, classes: MOTIF_CLASSES };
    const isSampled = samples > 0 && samples < line.neighbours.length;
    const { counts, errorBounds } = isSampled
      ? estimate(
          inputs.offsets,
          inputs.neighbours,
          await run.call(sampleHMotifsTask, inputs, { ...scalars, samples, seed }),
          samples,
        )
      : { ...(await run.call(hMotifsTask, inputs, scalars)), errorBounds: new Float64Array(MOTIF_COUNT) };
    const total = counts.reduce((sum, count) => sum + count, 0);
    const open = counts.reduce((sum, count, motif) => sum + (isOpenMotif(motif) ? count : 0), 0);
    return {
      values: { counts, errorBounds },
      summary: [
        { name: 'distinct hyperedges', value: line.nodes.length },
        { name: 'triples', value: total },
        { name: 'triples of which two share nothing', value: open },
        ...(isSampled
          ? [
              { name: 'samples', value: samples },
              {
                name: `largest error of a motif (probability ${CONFIDENCE})`,
                value: Number(errorBounds.reduce((most, bound) => Math.max(most, bound), 0).toPrecision(3)),
              },
            ]
          : []),
      ],
      table: (count) => ({
        columns: ['motif', 'parts with vertices', 'triples'],
        rows: topIndexes(counts, count).map((motif) => [motif, describeMotif(motif), counts[motif]!]),
      }),
    };
  },
});

/** Estimates and their bounds from what samples found. */
function estimate(
  offsets: Uint32Array,
  neighbours: Uint32Array,
  { sums, squares }: { readonly sums: Float64Array; readonly squares: Float64Array },
  samples: number,
): { readonly counts: Float64Array; readonly errorBounds: Float64Array } {
  const log = Math.log((2 * 2 * MOTIF_COUNT) / (1 - CONFIDENCE));
  const most = mostTriples(offsets, neighbours);
  const scaleOf = (motif: number) => neighbours.length / 2 / (isOpenMotif(motif) ? 2 : 3);
  const counts = sums.map((sum, motif) => (sum / samples) * scaleOf(motif));
  const errorBounds = sums.map((sum, motif) => {
    const variance = Math.max(0, squares[motif]! - (sum * sum) / samples) / (samples - 1);
    const bound = Math.sqrt((2 * variance * log) / samples) + (7 * most * log) / (3 * (samples - 1));
    return bound * scaleOf(motif);
  });
  return { counts, errorBounds };
}

/** The most hyperedges that meet one of two that meet. */
function mostTriples(offsets: Uint32Array, neighbours: Uint32Array): number {
  const degreeOf = (node: number) => offsets[node + 1]! - offsets[node]!;
  let most = 0;
  for (let node = 0; node + 1 < offsets.length; node++) {
    for (let i = offsets[node]!; i < offsets[node + 1]!; i++) {
      most = Math.max(most, degreeOf(node) + degreeOf(neighbours[i]!) - 2);
    }
  }
  return most;
}

/** The different members of the hyperedges that stand for their sets. */
function setsOf(run: KernelRun, nodes: Uint32Array): { edgeOffsets: Uint32Array; edgeMembers: Uint32Array } {
  const { graph } = run;
  const edgeOffsets = run.room(nodes.length + 1);
  const edgeMembers = run.room(nodes.reduce((sum, hyperedge) => sum + graph.sizeOf(hyperedge), 0));
  let count = 0;
  nodes.forEach((hyperedge, node) => {
    for (const vertex of new Set(graph.membersOf(hyperedge))) edgeMembers[count++] = vertex;
    edgeOffsets[node + 1] = count;
  });
  return { edgeOffsets, edgeMembers: edgeMembers.subarray(0, count) };
}

/** All neighbours of each node, rising, with what they share. */
function bothWays(run: KernelRun, { nodes, offsets, neighbours, overlaps }: LineGraph) {
  const starts = run.room(nodes.length + 1);
  for (let node = 0; node < nodes.length; node++) starts[node + 1]! += offsets[node + 1]! - offsets[node]!;
  for (const node of neighbours) starts[node + 1]! += 1;
  for (let node = 0; node < nodes.length; node++) starts[node + 1]! += starts[node]!;
  const next = starts.slice(0, nodes.length);
  const all = run.room(2 * neighbours.length);
  const shared = run.room(2 * neighbours.length);
  const put = (from: number, to: number, count: number): void => {
    const at = next[from]!++;
    all[at] = to;
    shared[at] = count;
  };
  // Rows rise, so what a node gets from those before it comes first, in order; its own follow.
  for (let node = 0; node < nodes.length; node++) {
    for (let i = offsets[node]!; i < offsets[node + 1]!; i++) put(neighbours[i]!, node, overlaps[i]!);
  }
  for (let node = 0; node < nodes.length; node++) {
    for (let i = offsets[node]!; i < offsets[node + 1]!; i++) put(node, neighbours[i]!, overlaps[i]!);
  }
  return { offsets: starts, neighbours: all, overlaps: shared };
}
