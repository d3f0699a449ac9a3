/** Collects tasks and hands them on in batches: at once when idle, otherwise what one turn of the event loop brings. */
import { SUBMIT_TASKS_MAX } from '../session/limits.js';
import type { SessionTask } from '../session/session-task.js';

export class Outbox {
  #tasks: SessionTask[] = [];
  #isScheduled = false;
  /** Whether a batch left in this turn of the event loop already. */
  #isBusy = false;

  constructor(private readonly deliver: (tasks: readonly SessionTask[]) => void) {}

  push(task: SessionTask): void {
    this.#tasks.push(task);
    if (this.#tasks.length >= SUBMIT_TASKS_MAX) {
      this.flush();
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const flush = (): void => this.flush();
    if (this.#isBusy) setImmediate(flush);
    else queueMicrotask(flush);
  }

  flush(): void {
    this.#isScheduled = false;
    if (this.#tasks.length === 0) return;
    const tasks = this.#tasks;
    this.#tasks = [];
    if (!this.#isBusy) {
      this.#isBusy = true;
      setImmediate(() => {
        this.#isBusy = false;
      });
    }
    this.deliver(tasks);
  }
}
