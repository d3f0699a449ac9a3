/**
 * Memory that a slot's thread and the main thread share: one claim and one result cell per task under way. Claims
 * let the main thread withdraw tasks the thread has not begun, and know what ran when the thread died. A result that
 * fits its cell survives the thread.
 */

/** Tasks a slot may hold at once, begun or not. A power of two: task numbers wrap into it. */
export const SLOT_TASKS_MAX = 1024;

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

  claim(task: number): number {
    return Atomics.load(this.#claims, task & (SLOT_TASKS_MAX - 1));
  }

  setClaim(task: number, state: number): void {
    Atomics.store(this.#claims, task & (SLOT_TASKS_MAX - 1), state);
  }

  /** Moves a claim from `waiting` to `state`. Answers whether this call did it. */
  take(task: number, state: number): boolean {
    return (
      Atomics.compareExchange(this.#claims, task & (SLOT_TASKS_MAX - 1), CLAIM.waiting, state) ===
      CLAIM.waiting
    );
  }

  /** Offset of the record of a cell. */
  recordOffset(task: number): number {
    return (task & (SLOT_TASKS_MAX - 1)) * CELL_BYTES + CELL_HEAD_BYTES;
  }

  setDurationUs(task: number, durationUs: number): void {
    this.view.setFloat64((task & (SLOT_TASKS_MAX - 1)) * CELL_BYTES, durationUs);
  }

  durationUs(task: number): number {
    return this.view.getFloat64((task & (SLOT_TASKS_MAX - 1)) * CELL_BYTES);
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
