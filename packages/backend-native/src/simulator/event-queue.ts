/**
 * The pending events of a simulation: a four-way heap over typed arrays, ordered by time and then by the order of
 * pushing, so that a run has one order only. Popping fills the public fields; nothing is allocated per event.
 */

import { grown } from './grown.js';

/** Events that may be pending at once; one more is refused with a RangeError, as it means a runaway loop. */
export const EVENTS_PENDING_MAX = 1 << 24;

const CAPACITY_START = 1024;
const CANCELLED = 255;

export class EventQueue {
  /** The event popped last: its moment, kind (0 to 254), two numbers and a payload, as pushed. */
  atMs = 0;
  kind = 0;
  node = 0;
  peer = 0;
  payload: unknown;

  #times = new Float64Array(CAPACITY_START);
  #orders = new Float64Array(CAPACITY_START);
  #kinds = new Uint8Array(CAPACITY_START);
  #nodes = new Int32Array(CAPACITY_START);
  #peers = new Int32Array(CAPACITY_START);
  #generations = new Uint32Array(CAPACITY_START);
  /** Slots in heap order, and their moments again: the four below one are beside each other. */
  #heap = new Int32Array(CAPACITY_START);
  #heapTimes = new Float64Array(CAPACITY_START);
  #free = new Int32Array(CAPACITY_START);
  readonly #payloads: unknown[] = [];
  #size = 0;
  #freeSize = 0;
  #slots = 0;
  #order = 0;
  #cancelled = 0;

  /** Events pushed and neither popped nor cancelled. */
  get size(): number {
    return this.#size - this.#cancelled;
  }

  /** @returns A handle for `cancel`. @throws RangeError at `EVENTS_PENDING_MAX`. */
  push(atMs: number, kind: number, node: number, peer: number, payload: unknown): number {
    const slot = this.#freeSize > 0 ? this.#free[--this.#freeSize]! : this.#newSlot();
    this.#times[slot] = atMs;
    this.#orders[slot] = this.#order++;
    this.#kinds[slot] = kind;
    this.#nodes[slot] = node;
    this.#peers[slot] = peer;
    this.#payloads[slot] = payload;
    this.#rise(this.#size++, slot);
    return this.#generations[slot]! * EVENTS_PENDING_MAX + slot;
  }

  /** Forgets an event. @returns `false` when it was popped or cancelled before. */
  cancel(handle: number): boolean {
    const slot = handle % EVENTS_PENDING_MAX;
    if (Math.floor(handle / EVENTS_PENDING_MAX) !== this.#generations[slot]) return false;
    if (this.#kinds[slot] === CANCELLED) return false;
    this.#kinds[slot] = CANCELLED;
    this.#payloads[slot] = undefined;
    this.#cancelled += 1;
    return true;
  }

  /** Moment of the next event, or Infinity. */
  nextMs(): number {
    this.#dropCancelled();
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#heapTimes[0]!;
  }

  /** Takes the next event into the public fields. @returns `false` when none is left. */
  pop(): boolean {
    this.#dropCancelled();
    if (this.#size === 0) return false;
    const slot = this.#heap[0]!;
    this.atMs = this.#times[slot]!;
    this.kind = this.#kinds[slot]!;
    this.node = this.#nodes[slot]!;
    this.peer = this.#peers[slot]!;
    this.payload = this.#payloads[slot];
    this.#removeTop();
    return true;
  }

  #dropCancelled(): void {
    while (this.#size > 0 && this.#kinds[this.#heap[0]!] === CANCELLED) {
      this.#cancelled -= 1;
      this.#removeTop();
    }
  }

  #removeTop(): void {
    const slot = this.#heap[0]!;
    this.#payloads[slot] = undefined;
    this.#generations[slot] = (this.#generations[slot]! + 1) & 0xfffffff;
    this.#free[this.#freeSize++] = slot;
    const last = this.#heap[--this.#size]!;
    if (this.#size > 0) this.#sink(last);
  }

  #rise(start: number, slot: number): void {
    const heap = this.#heap;
    const heapTimes = this.#heapTimes;
    const atMs = this.#times[slot]!;
    let at = start;
    // A new event has the highest order, so on equal times it stays below.
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const aboveMs = heapTimes[parent]!;
      if (aboveMs <= atMs) break;
      heap[at] = heap[parent]!;
      heapTimes[at] = aboveMs;
      at = parent;
    }
    heap[at] = slot;
    heapTimes[at] = atMs;
  }

  #sink(slot: number): void {
    const heap = this.#heap;
    const heapTimes = this.#heapTimes;
    const size = this.#size;
    const atMs = this.#times[slot]!;
    let at = 0;
    for (;;) {
      const first = at * 4 + 1;
      if (first >= size) break;
      const end = Math.min(first + 4, size);
      let least = first;
      let leastMs = heapTimes[first]!;
      for (let child = first + 1; child < end; child++) {
        const childMs = heapTimes[child]!;
        if (childMs > leastMs || (childMs === leastMs && !this.#isOlder(heap[child]!, heap[least]!)))
          continue;
        least = child;
        leastMs = childMs;
      }
      if (leastMs > atMs || (leastMs === atMs && this.#isOlder(slot, heap[least]!))) break;
      heap[at] = heap[least]!;
      heapTimes[at] = leastMs;
      at = least;
    }
    heap[at] = slot;
    heapTimes[at] = atMs;
  }

  #isOlder(left: number, right: number): boolean {
    return this.#orders[left]! < this.#orders[right]!;
  }

  #newSlot(): number {
    if (this.#slots >= EVENTS_PENDING_MAX)
      throw new RangeError(`More than ${EVENTS_PENDING_MAX} events are pending: is one re-armed for ever?`);
    if (this.#slots === this.#times.length) this.#grow();
    return this.#slots++;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    this.#times = grown(this.#times, new Float64Array(capacity));
    this.#orders = grown(this.#orders, new Float64Array(capacity));
    this.#kinds = grown(this.#kinds, new Uint8Array(capacity));
    this.#nodes = grown(this.#nodes, new Int32Array(capacity));
    this.#peers = grown(this.#peers, new Int32Array(capacity));
    this.#generations = grown(this.#generations, new Uint32Array(capacity));
    this.#heap = grown(this.#heap, new Int32Array(capacity));
    this.#heapTimes = grown(this.#heapTimes, new Float64Array(capacity));
    this.#free = grown(this.#free, new Int32Array(capacity));
  }
}
