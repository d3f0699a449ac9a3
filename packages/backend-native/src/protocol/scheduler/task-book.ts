/** Every task the head knows, by id: the open ones, and for a while those that ended. One lookup tells both. */
import type { TaskId } from '@anant/core';
import type { TaskEntry } from './entries.js';

export interface TaskBookOptions {
  /** Ended tasks remembered; the oldest is forgotten. */
  readonly endedMax: number;
  /** How long an ended task is remembered. */
  readonly endedMs: number;
}

export class TaskBook {
  readonly #options: TaskBookOptions;
  readonly #byId = new Map<TaskId, TaskEntry>();
  /** In the order they ended, from `#head`; those replaced by a newer attempt stay until it is their turn. */
  #ended: TaskEntry[] = [];
  #head = 0;
  #open = 0;

  constructor(options: TaskBookOptions) {
    this.#options = options;
  }

  /** Open tasks. */
  get size(): number {
    return this.#open;
  }

  /** Ended tasks that are remembered. */
  get endedSize(): number {
    return this.#byId.size - this.#open;
  }

  /** The open attempt of a task. */
  get(id: TaskId): TaskEntry | undefined {
    const known = this.#byId.get(id);
    return known === undefined || known.state === 'ended' ? undefined : known;
  }

  /** The task, open or ended not long ago. */
  find(id: TaskId, nowMs: number): TaskEntry | undefined {
    const known = this.#byId.get(id);
    if (known?.state !== 'ended' || nowMs - known.endedMs < this.#options.endedMs) return known;
    this.#forgetOld(nowMs);
    return undefined;
  }

  /** @param replaced The ended attempt that `find` gave for its id, if any. */
  add(entry: TaskEntry, replaced: TaskEntry | undefined): void {
    if (replaced !== undefined) replaced.isForgotten = true;
    this.#byId.set(entry.id, entry);
    this.#open += 1;
  }

  /** The task, still in the book, has just ended. */
  end(entry: TaskEntry): void {
    this.#open -= 1;
    this.#ended.push(entry);
    this.#forgetOld(entry.endedMs);
  }

  /** Forgets an ended task before its time. */
  forget(ended: TaskEntry): void {
    if (ended.isForgotten) return;
    ended.isForgotten = true;
    this.#byId.delete(ended.id);
  }

  /** The open tasks, in no order that means anything. */
  *open(): Iterable<TaskEntry> {
    for (const known of this.#byId.values()) if (known.state !== 'ended') yield known;
  }

  /** The ended tasks that are remembered, the oldest first. */
  *ended(): Iterable<TaskEntry> {
    for (let at = this.#head; at < this.#ended.length; at += 1)
      if (!this.#ended[at]!.isForgotten) yield this.#ended[at]!;
  }

  #forgetOld(nowMs: number): void {
    const { endedMax, endedMs } = this.#options;
    while (this.#head < this.#ended.length) {
      const oldest = this.#ended[this.#head]!;
      if (this.#ended.length - this.#head <= endedMax && nowMs - oldest.endedMs < endedMs) break;
      this.#head += 1;
      if (!oldest.isForgotten) this.#byId.delete(oldest.id);
    }
    if (this.#head < 1024 || this.#head * 2 < this.#ended.length) return;
    this.#ended = this.#ended.slice(this.#head);
    this.#head = 0;
  }
}
