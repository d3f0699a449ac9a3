/**
 * Memory that a slot's thread and the main thread share: one claim and one result cell per task under way. Claims
 * let the main thread withdraw tasks the thread has not begun, and know what ran when the thread died. A result that
 * fits its cell survives the thread.
 */

const INDEX_BITS = 10;
/** Tasks a slot may hold at once, begun or not. Task numbers wrap into it. */
export const SLOT_TASKS_MAX = 1 << INDEX_BITS;
const INDEX_MASK = SLOT_TASKS_MAX - 1;

/** States of a claim. A thread moves a task from `waiting` on; the main thread only from `waiting` to `withdrawn`. */
export const CLAIM = {
  waiting: 0,
  started: 1,
  withdrawn: 2,
  /** The result is in its cell. */
  done: 3,
  /** The end went as a message, posted before this state was set. */
  posted: 4,
} as const;

/**
 * A claim also holds how often task numbers have wrapped: a thread that comes late to a batch that was taken back
 * must not claim the newer task whose claim lies in the same place.
 */
const STATE_BITS = 3;
const STATE_MASK = (1 << STATE_BITS) - 1;
const tagged = (task: number, state: number): number => ((task >>> INDEX_BITS) << STATE_BITS) | state;

/** Indexes of the control words. */
const WORD = { isPolling: 0, requests: 1, isRung: 2 } as const;

const CELL_BYTES = 256;
/** Bytes of a cell in front of the value: duration in microseconds (f64). */
const CELL_HEAD_BYTES = 8;
/** Longest record that fits a cell. */
export const CELL_RECORD_BYTES_MAX = CELL_BYTES - CELL_HEAD_BYTES;

const WORDS_BYTES = 64;
const CLAIMS_BYTES = SLOT_TASKS_MAX * Int32Array.BYTES_PER_ELEMENT;
export const SLOT_MEMORY_BYTES = WORDS_BYTES + CLAIMS_BYTES + SLOT_TASKS_MAX * CELL_BYTES;

export class SlotMemory {
  readonly cells: Uint8Array;
  readonly view: DataView;
  readonly #words: Int32Array;
  readonly #claims: Int32Array;

  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(SLOT_MEMORY_BYTES)) {
    this.#words = new Int32Array(buffer, 0, WORDS_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.#claims = new Int32Array(buffer, WORDS_BYTES, SLOT_TASKS_MAX);
    this.cells = new Uint8Array(buffer, WORDS_BYTES + CLAIMS_BYTES);
    this.view = new DataView(buffer, WORDS_BYTES + CLAIMS_BYTES);
  }

  /** State of a task's claim. The caller knows that the claim is the task's. */
  claim(task: number): number {
    return Atomics.load(this.#claims, task & INDEX_MASK) & STATE_MASK;
  }

  setClaim(task: number, state: number): void {
    Atomics.store(this.#claims, task & INDEX_MASK, tagged(task, state));
  }

  /** Moves a claim from `waiting` to `state`. Answers whether this call did it. */
  take(task: number, state: number): boolean {
    const waiting = tagged(task, CLAIM.waiting);
    return Atomics.compareExchange(this.#claims, task & INDEX_MASK, waiting, tagged(task, state)) === waiting;
  }

  /** Offset of the record of a cell. */
  recordOffset(task: number): number {
    return (task & INDEX_MASK) * CELL_BYTES + CELL_HEAD_BYTES;
  }

  setDurationUs(task: number, durationUs: number): void {
    this.view.setFloat64((task & INDEX_MASK) * CELL_BYTES, durationUs);
  }

  durationUs(task: number): number {
    return this.view.getFloat64((task & INDEX_MASK) * CELL_BYTES);
  }

  /** While the main thread polls, the thread need not ring. */
  get isPolled(): boolean {
    return Atomics.load(this.#words, WORD.isPolling) === 1;
  }

  set isPolled(polled: boolean) {
    Atomics.store(this.#words, WORD.isPolling, polled ? 1 : 0);
  }

  /** Counts messages to the thread; a thread that looks for the next one watches it. */
  get requests(): number {
    return Atomics.load(this.#words, WORD.requests);
  }

  addRequest(): void {
    Atomics.add(this.#words, WORD.requests, 1);
  }

  /** Says that a bell message is on its way. Answers whether it is the first since `unring`. */
  ring(): boolean {
    return Atomics.exchange(this.#words, WORD.isRung, 1) === 0;
  }

  unring(): void {
    Atomics.store(this.#words, WORD.isRung, 0);
  }
}
