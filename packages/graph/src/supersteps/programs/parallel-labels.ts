/**
 * `parallel-label-propagation` of `docs/graph.md` by supersteps, with the bits of the kernel `parallelLabels`. Even supersteps are
 * of hyperedges, which count the labels of their members, odd ones of vertices. Of a hyperedge that is cut its size and most
 * frequent labels go to the parts of its members, when they changed.
 */
import { mix } from '../../mix.js';
import { gatherChanges, NO_GLOBALS, NO_REPORT, placeValues, u32 } from '../boundary.js';
import { derived } from '../derived.js';
import type { Frame, Frames, PartitionData } from '../partition-data.js';
import type { Coordinator, Program, ProgramParameters, ProgramState, WholeGraph } from '../program.js';
import { canonised, strictModularity } from '../strict-modularity.js';
import { reported } from './near.js';

/** How many labels of a hyperedge count. */
const TOPS = 8;
/** A label is better by this share of the degree. */
const GAIN_MIN = 1e-10;

export const parallelLabelsProgram: Program = {
  start(data) {
    const room = derived(data, topOffsets).at(-1)!;
    return {
      labels: data.vertexIds.slice(),
      sent: Uint32Array.from(data.vertexSends.indexes, (slot) => data.vertexIds[slot]!),
      sizes: Uint32Array.from(data.hyperedgeIds, (_, slot) =>
        slot < data.hyperedgeCount ? data.edgeOffsets[slot + 1]! - data.edgeOffsets[slot]! : 0,
      ),
      topLabels: new Uint32Array(room),
      topCounts: new Uint32Array(room),
    };
  },
  step(data, state, { superstep, frames }, { seed = 0 }) {
    if (superstep % 2 === 0) {
      placeValues(frames, data.haloOffsets, data.vertexCount, u32(state, 'labels'));
      return { frames: sendTops(data, state, countTops(data, state)), report: NO_REPORT };
    }
    placeTops(data, state, frames);
    const key = mix(seed);
    const turn = mix((key + (superstep + 1) / 2) >>> 0);
    const found = moveHalf(data, state, key, turn);
    const out = gatherChanges(data.vertexSends, u32(state, 'labels'), u32(state, 'sent'));
    return { frames: out, report: Float64Array.of(found) };
  },
  collect(data, state) {
    const { vertexCount, hyperedgeCount, nodeOffsets, nodeMembers } = data;
    const sizes = u32(state, 'sizes');
    const degrees = new Uint32Array(vertexCount);
    for (let vertex = 0; vertex < vertexCount; vertex++) {
      for (let i = nodeOffsets[vertex]!; i < nodeOffsets[vertex + 1]!; i++)
        if (sizes[nodeMembers[i]!]! > 1) degrees[vertex]! += 1;
    }
    return {
      vertices: { labels: u32(state, 'labels').slice(0, vertexCount), degrees },
      hyperedges: { sizes: sizes.slice(0, hyperedgeCount), inside: insideOf(data, u32(state, 'labels')) },
    };
  },
};

/** Where the labels of each hyperedge begin. Of those of other parts sizes are not known here. */
function topOffsets({ hyperedgeIds, hyperedgeCount, edgeOffsets }: PartitionData): Uint32Array {
  const offsets = new Uint32Array(hyperedgeIds.length + 1);
  for (let slot = 0; slot < hyperedgeIds.length; slot++) {
    const size = slot < hyperedgeCount ? edgeOffsets[slot + 1]! - edgeOffsets[slot]! : TOPS;
    offsets[slot + 1] = offsets[slot]! + Math.min(size, TOPS);
  }
  return offsets;
}

/** The most frequent labels of own hyperedges, of equal ones those met first. @returns which hyperedges have others than before. */
function countTops(data: PartitionData, state: ProgramState): Uint8Array {
  const { hyperedgeCount, edgeOffsets, edgeMembers } = data;
  const offsets = derived(data, topOffsets);
  const [labels, topLabels, topCounts] = [
    u32(state, 'labels'),
    u32(state, 'topLabels'),
    u32(state, 'topCounts'),
  ];
  const isOther = new Uint8Array(hyperedgeCount);
  const counts = new Map<number, number>();
  for (let hyperedge = 0; hyperedge < hyperedgeCount; hyperedge++) {
    const [from, end] = [edgeOffsets[hyperedge]!, edgeOffsets[hyperedge + 1]!];
    if (end - from < 2) continue;
    counts.clear();
    for (let i = from; i < end; i++) {
      const label = labels[edgeMembers[i]!]!;
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    const tops = [...counts].sort((a, b) => b[1] - a[1]);
    for (let at = offsets[hyperedge]!, top = 0; at < offsets[hyperedge + 1]!; at++, top++) {
      const [label, count] = tops[top] ?? [0, 0];
      if (topLabels[at] === label && topCounts[at] === count) continue;
      topLabels[at] = label;
      topCounts[at] = count;
      isOther[hyperedge] = 1;
    }
  }
  return isOther;
}

/** For each hyperedge: its place on the boundary, its size, how many labels, the labels and their counts. */
function sendTops(data: PartitionData, state: ProgramState, isOther: Uint8Array): Frames {
  const { parts, edgeSends } = data;
  const offsets = derived(data, topOffsets);
  const [sizes, topLabels, topCounts] = [
    u32(state, 'sizes'),
    u32(state, 'topLabels'),
    u32(state, 'topCounts'),
  ];
  return Array.from({ length: parts }, (_, part): Frame | null => {
    const words: number[] = [];
    const first = edgeSends.offsets[part]!;
    for (let i = first; i < edgeSends.offsets[part + 1]!; i++) {
      const hyperedge = edgeSends.indexes[i]!;
      if (!isOther[hyperedge]) continue;
      const [from, to] = [offsets[hyperedge]!, offsets[hyperedge + 1]!];
      words.push(i - first, sizes[hyperedge]!, to - from);
      for (let at = from; at < to; at++) words.push(topLabels[at]!);
      for (let at = from; at < to; at++) words.push(topCounts[at]!);
    }
    return words.length > 0 ? { values: Uint32Array.from(words) } : null;
  });
}

function placeTops(data: PartitionData, state: ProgramState, frames: Frames): void {
  const { hyperedgeCount, ghostOffsets } = data;
  const offsets = derived(data, topOffsets);
  const [sizes, topLabels, topCounts] = [
    u32(state, 'sizes'),
    u32(state, 'topLabels'),
    u32(state, 'topCounts'),
  ];
  frames.forEach((frame, part) => {
    if (frame === null) return;
    const words = frame.values as Uint32Array;
    for (let at = 0; at < words.length; ) {
      const slot = hyperedgeCount + ghostOffsets[part]! + words[at++]!;
      sizes[slot] = words[at++]!;
      const count = words[at++]!;
      topLabels.set(words.subarray(at, at + count), offsets[slot]);
      topCounts.set(words.subarray(at + count, at + 2 * count), offsets[slot]);
      at += 2 * count;
    }
  });
}

/** @returns How many own vertices found a better label. */
function moveHalf(data: PartitionData, state: ProgramState, key: number, turn: number): number {
  const { vertexCount, vertexIds, nodeOffsets, nodeMembers } = data;
  const offsets = derived(data, topOffsets);
  const [labels, sizes] = [u32(state, 'labels'), u32(state, 'sizes')];
  const [topLabels, topCounts] = [u32(state, 'topLabels'), u32(state, 'topCounts')];
  const scores = new Map<number, number>();
  let found = 0;
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const own = labels[vertex]!;
    scores.clear();
    for (let i = nodeOffsets[vertex]!; i < nodeOffsets[vertex + 1]!; i++) {
      const hyperedge = nodeMembers[i]!;
      const size = sizes[hyperedge]!;
      if (size < 2) continue;
      for (let at = offsets[hyperedge]!; at < offsets[hyperedge + 1]! && topCounts[at]! > 0; at++) {
        const label = topLabels[at]!;
        const others = topCounts[at]! - (label === own ? 1 : 0);
        if (others > 0) scores.set(label, (scores.get(label) ?? 0) + others / (size - 1));
      }
    }
    const best = bestLabel(scores, own, nodeOffsets[vertex + 1]! - nodeOffsets[vertex]!, key);
    if (best === own) continue;
    found += 1;
    if ((mix((vertexIds[vertex]! ^ turn) >>> 0) & 1) === 1) labels[vertex] = best;
  }
  return found;
}

function bestLabel(scores: ReadonlyMap<number, number>, own: number, degree: number, key: number): number {
  const hash = (label: number) => mix((label ^ key) >>> 0);
  let best = own;
  let most = (scores.get(own) ?? 0) + GAIN_MIN * degree;
  for (const [label, score] of scores) {
    if (label === own || score < most) continue;
    if (score === most && (best === own || hash(label) < hash(best))) continue;
    best = label;
    most = score;
  }
  return best;
}

/** Which own hyperedges have members of one label only. */
function insideOf(
  { hyperedgeCount, edgeOffsets, edgeMembers }: PartitionData,
  labels: Uint32Array,
): Uint8Array {
  return Uint8Array.from({ length: hyperedgeCount }, (_, hyperedge) => {
    const members = edgeMembers.subarray(edgeOffsets[hyperedge], edgeOffsets[hyperedge + 1]);
    return members.every((member) => labels[member] === labels[members[0]!]) ? 1 : 0;
  });
}

export function parallelLabelsCoordinator(
  _whole: WholeGraph,
  { iterationsMax = 0 }: ProgramParameters,
): Coordinator {
  let iterations = 0;
  let left = 0;
  let isEnd = false;
  return {
    first: () => ({ next: 'step', globals: NO_GLOBALS }),
    next(superstep, reports) {
      // Once more for hyperedges: the last labels that vertices took have to come to all that hold them.
      if (isEnd) return { next: 'collect' };
      if (superstep % 2 === 1) {
        iterations += 1;
        left = reported(reports, 0);
        isEnd = left === 0 || iterations === iterationsMax;
      }
      return { next: 'step', globals: NO_GLOBALS };
    },
    conclude(merged) {
      const labels = canonised(merged.labels as Uint32Array);
      const modularity = strictModularity(labels, merged as never);
      return {
        outputs: {
          labels,
          changed: Uint32Array.of(left),
          modularity: Float64Array.of(modularity),
          result: iterations,
        },
      };
    },
  };
}
