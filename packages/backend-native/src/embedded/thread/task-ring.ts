/** The tasks on their way through a slot, by number. Numbers rise for ever; a place is used again once its task is gone. */
import { SLOT_TASKS_MAX } from './slot-memory.js';
import type { ThreadTask } from './thread-task.js';

const placeOf = (number: number): number => number & (SLOT_TASKS_MAX - 1);

export class TaskRing {
  readonly #tasks: (ThreadTask | undefined)[] = new Array(SLOT_TASKS_MAX);
  #next = 0;
  #oldest = 0;
  #size = 0;
  #workUs = 0;

  /** Number of the next task. */
  get next(): number {
    return this.#next;
  }

  /** Number from which on tasks may be here. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Tasks that are here. */
  get size(): number {
    return this.#size;
  }

  /** Estimated work of the tasks that are here, in microseconds. */
  get workUs(): number {
    return this.#workUs;
  }

  /** Tasks that still fit. */
  get room(): number {
    return SLOT_TASKS_MAX - (this.#next - this.#oldest);
  }

  /** @returns the task's number. */
  enter(task: ThreadTask): number {
    const number = this.#next;
    this.#tasks[placeOf(number)] = task;
    this.#next += 1;
    this.#size += 1;
    this.#workUs += task.us;
    return number;
  }

  at(number: number): ThreadTask | undefined {
    return number < this.#oldest || number >= this.#next ? undefined : this.#tasks[placeOf(number)];
  }

  numberOf(task: ThreadTask): number | undefined {
    for (let number = this.#oldest; number < this.#next; number += 1) {
      if (this.#tasks[placeOf(number)] === task) return number;
    }
    return undefined;
  }

  remove(number: number, task: ThreadTask): void {
    this.#tasks[placeOf(number)] = undefined;
    this.#size -= 1;
    this.#workUs = this.#size === 0 ? 0 : Math.max(0, this.#workUs - task.us);
  }

  /** Counts what is here as at least this much work. */
  raiseWork(us: number): void {
    if (this.#size > 0) this.#workUs = Math.max(this.#workUs, us);
  }

  /** Moves on past numbers whose tasks are gone. @returns the oldest task. */
  advance(): ThreadTask | undefined {
    while (this.#oldest < this.#next) {
      const task = this.#tasks[placeOf(this.#oldest)];
      if (task) return task;
      this.#oldest += 1;
    }
    return undefined;
  }
}
