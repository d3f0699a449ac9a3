/**
 * Which vertices a search has met, and the queue of those it goes on from: 8 bytes per vertex, kept with the graph, since
 * one query may search from each of a million vertices. A search within a search takes another set.
 */
import type { Hypergraph } from '../hypergraph.js';

const STAMP_MAX = 0xffff_ffff;

export class VertexMarks {
  /** Room for every vertex once, and for the one that a search begins with. */
  readonly queue: Uint32Array;
  readonly #stamps: Uint32Array;
  #stamp = 0;

  constructor(vertexCount: number) {
    this.queue = new Uint32Array(vertexCount + 1);
    this.#stamps = new Uint32Array(vertexCount);
  }

  /** Forgets all vertices. */
  clear(): void {
    if (this.#stamp === STAMP_MAX) {
      this.#stamps.fill(0);
      this.#stamp = 0;
    }
    this.#stamp += 1;
  }

  /** Whether it is the first time since `clear`. */
  isFirst(vertex: number): boolean {
    if (this.#stamps[vertex] === this.#stamp) return false;
    this.#stamps[vertex] = this.#stamp;
    return true;
  }
}

const kept = new WeakMap<Hypergraph, VertexMarks[]>();

/** To be given back when the search ends. */
export function takeMarks(graph: Hypergraph): VertexMarks {
  const marks = kept.get(graph)?.pop() ?? new VertexMarks(graph.vertexCount);
  marks.clear();
  return marks;
}

export function giveBack(graph: Hypergraph, marks: VertexMarks): void {
  const free = kept.get(graph);
  if (free) free.push(marks);
  else kept.set(graph, [marks]);
}
