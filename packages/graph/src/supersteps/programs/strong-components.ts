/**
 * Strongly connected components by labels that go both ways, in rounds: every vertex gets the smallest label of those that reach
 * it and the smallest of those that it reaches. Where both are the same, that is a component; where two vertices differ in
 * either, they are in different ones, and labels no longer go from one to the other. Labels are hashes of vertices, so that an order
 * of vertices does not make for many rounds. Yan, Cheng, Xing, Lu, Ng and Bu, "Pregel algorithms for graph connectivity problems
 * with performance guarantees", PVLDB 7 (2014), min-label algorithm. Hyperedges are nodes of the graph, without a label of their own.
 */
import { mix, unmix } from '../../mix.js';
import { type Arcs, arcsOf } from '../arcs.js';
import { eachValue, gatherChanges, isAnyFrame, u32 } from '../boundary.js';
import { derived } from '../derived.js';
import type { Frames, PartitionData, Routes } from '../partition-data.js';
import type { Coordinator, Program, ProgramState, WholeGraph } from '../program.js';
import { mirrored, vertexBoundary } from '../vertex-boundary.js';
import { reported } from './near.js';

const NONE = 0xffff_ffff;
/** What a superstep begins with: a round, or what other parts sent. */
const ROUND = Float64Array.of(1);
const GO_ON = Float64Array.of(0);

/** `labels` and `classes` have a block of nodes for either way. */
export const strongComponentsProgram: Program = {
  start(data) {
    const { nodeCount } = derived(data, arcsOf);
    // One class, and not one of equal labels: nothing is settled.
    const classes = new Uint32Array(2 * nodeCount).fill(1, nodeCount);
    return {
      classes,
      labels: classes.slice(),
      sent: new Uint32Array(derived(data, boundaryBothWays).indexes.length),
    };
  },
  step(data, state, { frames, globals }) {
    let open = 0;
    if (globals[0] === 1) open = beginRound(data, state);
    else receive(data, state, frames);
    const out = gatherChanges(derived(data, boundaryBothWays), u32(state, 'labels'), u32(state, 'sent'));
    return { frames: out, report: Float64Array.of(isAnyFrame(out) ? 1 : 0, open) };
  },
  collect: ({ vertexCount }, state) => ({
    vertices: { components: u32(state, 'labels').slice(0, vertexCount) },
    hyperedges: {},
  }),
};

/** Each place twice: of the labels that come, then of those that go. */
function boundaryBothWays(data: PartitionData): Routes {
  const { nodeCount } = derived(data, arcsOf);
  const { offsets, indexes } = vertexBoundary(data);
  const both = new Uint32Array(2 * indexes.length);
  for (let part = 0; part + 1 < offsets.length; part++) {
    const slots = indexes.subarray(offsets[part], offsets[part + 1]);
    const start = 2 * offsets[part]!;
    both.set(slots, start);
    for (let i = 0; i < slots.length; i++) both[start + slots.length + i] = nodeCount + slots[i]!;
  }
  return { offsets: offsets.map((offset) => 2 * offset), indexes: both };
}

/** Slots by rising hash. */
function hashOrder({ vertexIds }: PartitionData): Uint32Array {
  const hashes = vertexIds.map(mix);
  return Uint32Array.from(hashes, (_, slot) => slot).sort((a, b) => hashes[a]! - hashes[b]!);
}

/** Settles classes and starts from every vertex that is in no component yet. @returns how many own ones there are. */
function beginRound(data: PartitionData, state: ProgramState): number {
  const { nodeCount, forward, backward } = derived(data, arcsOf);
  const [labels, classes] = [u32(state, 'labels'), u32(state, 'classes')];
  let open = 0;
  for (let node = 0; node < nodeCount; node++) {
    if (isSettled(classes, node)) continue;
    for (const at of [node, nodeCount + node]) classes[at] = labels[at]!;
    if (isSettled(classes, node)) continue;
    for (const at of [node, nodeCount + node]) labels[at] = NONE;
    if (node < data.vertexCount) open += 1;
  }
  for (const slot of derived(data, hashOrder)) {
    if (isSettled(classes, slot)) continue;
    const label = mix(data.vertexIds[slot]!);
    spread(forward, state, { node: slot, way: 0, label });
    spread(backward, state, { node: slot, way: 1, label });
  }
  // What the other side knows by itself: of every vertex its own label.
  const { indexes } = derived(data, boundaryBothWays);
  const sent = u32(state, 'sent');
  for (let i = 0; i < indexes.length; i++) {
    const slot = indexes[i]! % nodeCount;
    sent[i] = isSettled(classes, slot) ? labels[slot]! : mix(data.vertexIds[slot]!);
  }
  return open;
}

/** Whether the labels of a node, one of each way, are the same. */
const isSettled = (classes: Uint32Array, node: number): boolean =>
  classes[node] === classes[classes.length / 2 + node];

interface Spread {
  readonly node: number;
  /** 0 along arcs, 1 against them: which block of labels. */
  readonly way: 0 | 1;
  readonly label: number;
}

/** Gives a label to a node and what follows from there in the same class, where it is smaller than what is there. */
function spread({ offsets, targets }: Arcs, state: ProgramState, { node, way, label }: Spread): void {
  const [labels, classes] = [u32(state, 'labels'), u32(state, 'classes')];
  const nodeCount = labels.length / 2;
  const base = way * nodeCount;
  if (labels[base + node]! <= label) return;
  labels[base + node] = label;
  const [one, other] = [classes[node], classes[nodeCount + node]];
  const open = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (let i = offsets[next]!; i < offsets[next + 1]!; i++) {
      const target = targets[i]!;
      if (labels[base + target]! <= label) continue;
      if (classes[target] !== one || classes[nodeCount + target] !== other) continue;
      labels[base + target] = label;
      open.push(target);
    }
  }
}

function receive(data: PartitionData, state: ProgramState, frames: Frames): void {
  const { nodeCount, forward, backward } = derived(data, arcsOf);
  const { offsets, indexes } = derived(data, boundaryBothWays);
  const [labels, sent] = [u32(state, 'labels'), u32(state, 'sent')];
  const seeds: Spread[] = [];
  frames.forEach((frame, from) => {
    const count = (offsets[from + 1]! - offsets[from]!) / 2;
    eachValue(frame, (place, label) => {
      const way = place < count ? 0 : 1;
      const at = offsets[from]! + way * count + mirrored(data, from, place - way * count);
      if (label >= labels[indexes[at]!]!) return;
      sent[at] = label;
      seeds.push({ node: indexes[at]! - way * nodeCount, way, label });
    });
  });
  // The smallest first: then no node is visited twice.
  seeds.sort((a, b) => a.label - b.label);
  for (const seed of seeds) spread(seed.way === 0 ? forward : backward, state, seed);
}

export function strongComponentsCoordinator({ vertexCount }: WholeGraph): Coordinator {
  let isRound = true;
  return {
    first: () => ({ next: 'step', globals: ROUND }),
    next(_superstep, reports) {
      if (isRound && reported(reports, 1) === 0) return { next: 'collect' };
      isRound = reported(reports, 0) === 0;
      return { next: 'step', globals: isRound ? ROUND : GO_ON };
    },
    conclude({ components }) {
      const labels = new Uint32Array(vertexCount);
      const smallest = new Uint32Array(vertexCount).fill(NONE);
      let result = 0;
      for (let vertex = 0; vertex < vertexCount; vertex++) {
        const chosen = unmix(components![vertex]!);
        if (smallest[chosen] === NONE) {
          smallest[chosen] = vertex;
          result += 1;
        }
        labels[vertex] = smallest[chosen]!;
      }
      return { outputs: { labels, result } };
    },
  };
}
