/** Arrays that queries mark what they have seen in; one set per graph, made by its first query. */
import type { Hypergraph } from '../hypergraph.js';

const STAMP_MAX = 0xffff_ffff;

export class Scratch {
  readonly vertexStamps: Uint32Array;
  readonly edgeStamps: Uint32Array;
  readonly queue: Uint32Array;
  #stamp = 0;

  constructor({ vertexCount, hyperedgeCount }: Hypergraph) {
    this.vertexStamps = new Uint32Array(vertexCount);
    this.edgeStamps = new Uint32Array(hyperedgeCount);
    this.queue = new Uint32Array(vertexCount);
  }

  /** A stamp that nothing carries yet, so that nothing needs clearing. */
  nextStamp(): number {
    if (this.#stamp === STAMP_MAX) {
      this.vertexStamps.fill(0);
      this.edgeStamps.fill(0);
      this.#stamp = 0;
    }
    this.#stamp += 1;
    return this.#stamp;
  }
}

const scratches = new WeakMap<Hypergraph, Scratch>();

export function scratchOf(graph: Hypergraph): Scratch {
  let scratch = scratches.get(graph);
  if (!scratch) {
    scratch = new Scratch(graph);
    scratches.set(graph, scratch);
  }
  return scratch;
}
