/** Tasks by the signal that cancels them: one listener per signal, however many tasks share it. */
import type { Task } from './task.js';

interface Watched {
  readonly tasks: Set<Task>;
  readonly listener: () => void;
}

export class SignalWatch {
  readonly #watched = new Map<AbortSignal, Watched>();
  readonly #onAbort: (task: Task, reason: unknown) => void;

  constructor(onAbort: (task: Task, reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  watch(signal: AbortSignal, task: Task): void {
    task.more().signal = signal;
    const known = this.#watched.get(signal);
    if (known !== undefined) {
      known.tasks.add(task);
      return;
    }
    const tasks = new Set([task]);
    const listener = () => {
      this.#watched.delete(signal);
      for (const watched of tasks) this.#onAbort(watched, signal.reason);
    };
    this.#watched.set(signal, { tasks, listener });
    signal.addEventListener('abort', listener, { once: true });
  }

  unwatch(signal: AbortSignal, task: Task): void {
    const known = this.#watched.get(signal);
    if (known === undefined) return;
    known.tasks.delete(task);
    if (known.tasks.size > 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', known.listener);
  }
}
