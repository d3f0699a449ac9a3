/** Every event of one session, with waits that end. */
import type {
  BackendStateEvent,
  TaskEndEvent,
  TaskEvent,
  TaskId,
  TaskStartEvent,
} from '../contract/index.js';
import { attemptKey } from './attempt-key.js';
import { within } from './deadline.js';

/** Names an attempt. */
export interface Attempt {
  readonly id: TaskId;
  readonly attempt: number;
}

type AttemptEvent = Exclude<TaskEvent, BackendStateEvent>;

interface Waiter {
  readonly matches: (event: TaskEvent) => boolean;
  readonly resolve: (event: TaskEvent) => void;
}

export class EventLog {
  readonly events: TaskEvent[] = [];
  readonly #ends = new Map<string, TaskEndEvent>();
  readonly #byAttempt = new Map<string, AttemptEvent[]>();
  readonly #endWaiters = new Map<string, (event: TaskEndEvent) => void>();
  readonly #waiters = new Set<Waiter>();
  /** Called for each event after it was kept; lets a clause act at the very moment. */
  onEvent: (event: TaskEvent) => void = () => {};

  constructor(readonly deadlineMs: number) {}

  receive(events: readonly TaskEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      if (event.type !== 'backend-state') this.#keep(event);
      for (const waiter of this.#waiters) if (waiter.matches(event)) waiter.resolve(event);
      this.onEvent(event);
    }
  }

  #keep(event: AttemptEvent): void {
    const key = attemptKey(event);
    const list = this.#byAttempt.get(key);
    if (list === undefined) this.#byAttempt.set(key, [event]);
    else list.push(event);
    if (event.type === 'task-end') {
      this.#ends.set(key, event);
      this.#endWaiters.get(key)?.(event);
      this.#endWaiters.delete(key);
    }
  }

  of(attempt: Attempt): readonly AttemptEvent[] {
    return this.#byAttempt.get(attemptKey(attempt)) ?? [];
  }

  hasEnded(attempt: Attempt): boolean {
    return this.#ends.has(attemptKey(attempt));
  }

  end(attempt: Attempt, deadlineMs = this.deadlineMs): Promise<TaskEndEvent> {
    const key = attemptKey(attempt);
    const known = this.#ends.get(key);
    if (known) return Promise.resolve(known);
    const end = new Promise<TaskEndEvent>((resolve) => this.#endWaiters.set(key, resolve));
    return within(end, deadlineMs, () => `the task-end of ${key}`);
  }

  started(attempt: Attempt): Promise<TaskStartEvent> {
    const isStart = (event: TaskEvent): event is TaskStartEvent =>
      event.type === 'task-start' && event.id === attempt.id && event.attempt === attempt.attempt;
    return this.next(isStart, `the task-start of ${attemptKey(attempt)}`);
  }

  /** The first event, seen already or still to come, that matches. */
  next<Wanted extends TaskEvent>(
    matches: (event: TaskEvent) => event is Wanted,
    what: string,
    deadlineMs = this.deadlineMs,
  ): Promise<Wanted> {
    const known = this.events.find(matches);
    if (known) return Promise.resolve(known);
    let waiter: Waiter | undefined;
    const event = new Promise<Wanted>((resolve) => {
      waiter = { matches, resolve: (found) => resolve(found as Wanted) };
      this.#waiters.add(waiter);
    });
    return within(event, deadlineMs, () => what).finally(() => waiter && this.#waiters.delete(waiter));
  }
}
