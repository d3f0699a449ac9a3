/** The incidences added since the base: members of hyperedges end to end, and a list of them through each vertex. */
import type { U32Column } from '../store/u32-column.js';
import { GrowableU32 } from './growable.js';

export class DeltaIncidence {
  readonly #members = new GrowableU32();
  readonly #owners = new GrowableU32();
  /** Position + 1 of the incidence before it with the same vertex; 0 ends the list. */
  readonly #next = new GrowableU32();
  /** Position + 1 of the newest incidence by vertex. */
  readonly #heads = new GrowableU32();
  /** Where the members of each hyperedge after the base begin; they end where the next ones begin. */
  readonly #starts = new GrowableU32();

  get length(): number {
    return this.#members.length;
  }

  get hyperedgeCount(): number {
    return this.#starts.length;
  }

  /** Adds a hyperedge of the first `size` of `vertices`, `hyperedge` being its number among all. */
  add(hyperedge: number, vertices: readonly number[], size: number): void {
    this.#starts.push(this.#members.length);
    for (let at = 0; at < size; at++) {
      const vertex = vertices[at]!;
      if (vertex >= this.#heads.length) this.#heads.extend(vertex + 1, 0);
      const position = this.#members.push(vertex);
      this.#owners.push(hyperedge);
      this.#next.push(this.#heads.at(vertex));
      this.#heads.set(vertex, position + 1);
    }
  }

  /** All members end to end, and room for more; replaced when the column grows. */
  get members(): Uint32Array {
    return this.#members.values;
  }

  /** The members of the `index`th hyperedge after the base, as a view that later additions may detach. */
  membersOf(index: number): Uint32Array {
    const start = this.#starts.at(index);
    return this.#members.values.subarray(start, start + this.sizeOf(index));
  }

  /** Adds the members of the `index`th hyperedge after the base, each as `names` calls it, to a column. */
  copyMembers(index: number, names: Uint32Array, into: U32Column): number {
    const start = this.#starts.at(index);
    const size = this.sizeOf(index);
    for (let at = start; at < start + size; at++) into.push(names[this.#members.at(at)]!);
    return size;
  }

  /** Position of the first member of the `index`th hyperedge after the base. */
  startOf(index: number): number {
    return this.#starts.at(index);
  }

  sizeOf(index: number): number {
    const next = index + 1;
    const end = next < this.#starts.length ? this.#starts.at(next) : this.#members.length;
    return end - this.#starts.at(index);
  }

  /** Calls `visit` with each hyperedge of a vertex, newest first. */
  eachOwner(vertex: number, visit: (hyperedge: number) => void): void {
    let entry = vertex < this.#heads.length ? this.#heads.at(vertex) : 0;
    while (entry !== 0) {
      visit(this.#owners.at(entry - 1));
      entry = this.#next.at(entry - 1);
    }
  }

  /** Takes back everything after the first `hyperedges` hyperedges. */
  truncate(hyperedges: number): void {
    if (hyperedges >= this.#starts.length) return;
    const length = this.#starts.at(hyperedges);
    for (let position = this.#members.length - 1; position >= length; position--) {
      this.#heads.set(this.#members.at(position), this.#next.at(position));
    }
    for (const column of [this.#members, this.#owners, this.#next]) column.truncate(length);
    this.#starts.truncate(hyperedges);
  }
}
