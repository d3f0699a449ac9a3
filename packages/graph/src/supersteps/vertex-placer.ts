/** Places vertices in parts as their hyperedges come by, in one pass. */
import { type BlockCounts, countLone } from './sum-blocks.js';

/** No part yet. */
const NONE = 0xffff_ffff;
/** How much larger than an equal share a part may be; few vertices are no measure. */
const IMBALANCE = 0.03;
const SLACK = 64;

/**
 * `stream` puts the new vertices of a hyperedge where most of those placed before are, unless that part is full, else
 * where the fewest vertices are (greedy streaming of hyperedges; compare Eyubov, Fonseca Faraj and Schulz, "FREIGHT", SEA
 * 2023, which streams vertices). `hash` knows nothing of hyperedges.
 */
export class VertexPlacer {
  /** By vertex; what has none yet is not to be read. */
  parts = new Uint32Array(1024).fill(NONE);
  readonly #k: number;
  readonly #partitioner: 'hash' | 'stream';
  readonly #sizes: Uint32Array;
  readonly #counts: Uint32Array;
  #placed = 0;
  #vertexCount = 0;

  constructor(k: number, partitioner: 'hash' | 'stream') {
    this.#k = k;
    this.#partitioner = partitioner;
    this.#sizes = new Uint32Array(k);
    this.#counts = new Uint32Array(k);
  }

  /** Gives every member a part. */
  place(members: Uint32Array): void {
    for (const member of members) {
      this.#vertexCount = Math.max(this.#vertexCount, member + 1);
      if (member >= this.parts.length) this.#grow(member + 1);
    }
    const counts = this.#counts.fill(0);
    for (const member of members) {
      const part = this.parts[member]!;
      if (part !== NONE) counts[part]! += 1;
    }
    for (const member of members) {
      if (this.parts[member] !== NONE) continue;
      const part = this.#partitioner === 'hash' ? scatter(member) % this.#k : this.#best(counts);
      this.#put(member, part);
      counts[part]! += 1;
    }
  }

  /** Places vertices without hyperedges, too. @param vertexCount At least so many vertices there are. */
  finish(vertexCount: number): { readonly parts: Uint32Array; readonly lone: BlockCounts } {
    this.#vertexCount = Math.max(this.#vertexCount, vertexCount);
    if (this.#vertexCount > this.parts.length) this.#grow(this.#vertexCount);
    const parts = this.parts.subarray(0, this.#vertexCount);
    const lone = countLone(parts.length, (vertex) => parts[vertex] === NONE);
    const none = new Uint32Array(this.#k);
    for (let vertex = 0; vertex < parts.length; vertex++) {
      if (parts[vertex] === NONE) this.#put(vertex, this.#best(none));
    }
    return { parts, lone };
  }

  #best(counts: Uint32Array): number {
    const room = ((1 + IMBALANCE) * (this.#placed + 1)) / this.#k + SLACK;
    let best = -1;
    for (let part = 0; part < this.#k; part++) {
      if (this.#sizes[part]! >= room) continue;
      if (best < 0 || counts[part]! > counts[best]!) best = part;
      else if (counts[part] === counts[best] && this.#sizes[part]! < this.#sizes[best]!) best = part;
    }
    return Math.max(0, best);
  }

  #put(vertex: number, part: number): void {
    this.parts[vertex] = part;
    this.#sizes[part]! += 1;
    this.#placed += 1;
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.max(length, this.parts.length * 2)).fill(NONE);
    larger.set(this.parts);
    this.parts = larger;
  }
}

/** Mixes the bits of an index (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). */
function scatter(index: number): number {
  let bits = Math.imul(index ^ (index >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
