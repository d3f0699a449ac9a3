/** Weights of hyperedges that follow how communities cut them: the reweighting of `reweighted-louvain`. */
import type { Hypergraph } from '../hypergraph.js';

export class HyperedgeWeights {
  /** 1 in the beginning, and always for hyperedges of fewer than two members. */
  readonly values: Float64Array;
  readonly #graph: Hypergraph;
  /** Hyperedges of at least two members, and the vertices in them. */
  readonly #count: number;
  readonly #isJoined: Uint8Array;

  constructor(graph: Hypergraph) {
    this.#graph = graph;
    this.values = new Float64Array(graph.hyperedgeCount).fill(1);
    this.#isJoined = new Uint8Array(graph.vertexCount);
    let count = 0;
    for (let hyperedge = 0; hyperedge < graph.hyperedgeCount; hyperedge++) {
      if (graph.sizeOf(hyperedge) < 2) continue;
      count += 1;
      for (const vertex of graph.membersOf(hyperedge)) this.#isJoined[vertex] = 1;
    }
    this.#count = count;
  }

  /** For each incidence, by vertex: what its hyperedge adds to each pair of its members; 0 where it has fewer than two. */
  pairShares(): Float64Array {
    const { members } = this.#graph.nodeToEdges;
    return Float64Array.from(members, (hyperedge) => {
      const size = this.#graph.sizeOf(hyperedge);
      return size < 2 ? 0 : this.values[hyperedge]! / (size - 1);
    });
  }

  /** Moves every weight half of the way to what the communities say. @returns the largest change */
  update(labels: Uint32Array): number {
    const communities = labels.reduce(
      (count, label, vertex) => count + Number(label === vertex && this.#isJoined[vertex] === 1),
      0,
    );
    const counts = new Uint32Array(labels.length);
    let largest = 0;
    for (let hyperedge = 0; hyperedge < this.values.length; hyperedge++) {
      const members = this.#graph.membersOf(hyperedge);
      if (members.length < 2) continue;
      for (const vertex of members) counts[labels[vertex]!]! += 1;
      let touched = 0;
      let sum = 0;
      for (const vertex of members) {
        const label = labels[vertex]!;
        if (counts[label] === 0) continue;
        sum += 1 / (counts[label]! + 1);
        counts[label] = 0;
        touched += 1;
      }
      const wanted = ((sum + communities - touched) * (members.length + communities)) / this.#count;
      const weight = (this.values[hyperedge]! + wanted) / 2;
      largest = Math.max(largest, Math.abs(weight - this.values[hyperedge]!));
      this.values[hyperedge] = weight;
    }
    return largest;
  }
}
