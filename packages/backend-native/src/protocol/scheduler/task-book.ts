/** Every task the head knows, by id: the open ones, and for a while those that ended. One lookup tells both. */
import type { TaskId } from '@anant/core';
import { type AttemptEnd, statusOf } from './attempt-end.js';
import { digestMark } from './digest-mark.js';
import { EndedStore, type EndedTask } from './ended-store.js';
import type { EntryState, TaskEntry } from './entries.js';
import type { EndedRecord } from './record.js';

export interface TaskBookOptions {
  /** Ended tasks remembered; the oldest is forgotten. */
  readonly endedMax: number;
  /** How long an ended task is remembered. */
  readonly endedMs: number;
}

export type OpenTask = TaskEntry & { readonly state: Exclude<EntryState, 'ended'> };
export type KnownTask = OpenTask | EndedTask;

export class TaskBook {
  readonly #options: TaskBookOptions;
  /** Ended ones by their number. Those replaced by a newer attempt keep their place until it is their turn to be forgotten. */
  readonly #byId = new Map<TaskId, TaskEntry | number>();
  readonly #ended = new EndedStore();
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
    return typeof known === 'number' ? undefined : known;
  }

  /** The task, open or ended not long ago. */
  find(id: TaskId, nowMs: number): KnownTask | undefined {
    const known = this.#byId.get(id);
    if (typeof known !== 'number') return known as OpenTask | undefined;
    if (nowMs - this.#ended.endedMsAt(known) < this.#options.endedMs) return this.#ended.get(known);
    this.#forgetOld(nowMs);
    return undefined;
  }

  /** @param known what `find` gave for its id */
  add(entry: TaskEntry, known: KnownTask | undefined): void {
    if (known?.state === 'ended') {
      // Only then: what is new costs no second look.
      const number = this.#byId.get(entry.id);
      if (typeof number === 'number') this.#ended.forget(number);
    }
    this.#byId.set(entry.id, entry);
    this.#open += 1;
  }

  /** The task, still in the book, has just ended as the last of its session. */
  end({ id, attempt, digest, session, token }: TaskEntry, end: AttemptEnd, nowMs: number): void {
    this.#open -= 1;
    this.#remember({
      id,
      attempt,
      mark: digestMark(digest),
      session,
      endSequence: session.sequence,
      endedMs: Math.floor(nowMs),
      status: statusOf(end),
      isReported: end.by === 'worker',
      token,
    });
  }

  /** What a snapshot says of a task that ended. */
  restore(record: EndedRecord, session: EndedTask['session'], nowMs: number): void {
    const { id, attempt, digest, sequence, status, isReported, token } = record;
    const known = this.#byId.get(id);
    if (typeof known === 'number') this.#ended.forget(known);
    const mark = digestMark(digest);
    const fact = { id, attempt, mark, session, endSequence: sequence, status, isReported, token };
    this.#remember({ ...fact, endedMs: Math.floor(nowMs) });
  }

  /** Forgets an ended task before its time. */
  forget(id: TaskId): void {
    const known = this.#byId.get(id);
    if (typeof known !== 'number') return;
    this.#ended.forget(known);
    this.#byId.delete(id);
  }

  /** The open tasks, in no order that means anything. */
  *open(): Iterable<TaskEntry> {
    for (const known of this.#byId.values()) if (typeof known !== 'number') yield known;
  }

  /** The ended tasks that are remembered, the oldest first. */
  *ended(): Iterable<EndedTask> {
    const { first, end } = this.#ended;
    for (let number = first; number < end; number += 1)
      if (!this.#ended.isForgotten(number)) yield this.#ended.get(number);
  }

  #remember(fact: Parameters<EndedStore['add']>[0]): void {
    this.#byId.set(fact.id, this.#ended.add(fact));
    this.#forgetOld(fact.endedMs);
  }

  #forgetOld(nowMs: number): void {
    const { endedMax, endedMs } = this.#options;
    const ended = this.#ended;
    while (ended.first < ended.end) {
      const oldest = ended.first;
      if (ended.end - oldest <= endedMax && nowMs - ended.endedMsAt(oldest) < endedMs) break;
      if (!ended.isForgotten(oldest)) this.#byId.delete(ended.idAt(oldest));
      ended.shift();
    }
  }
}
