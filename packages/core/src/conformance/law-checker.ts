/**
 * The laws of the contract that hold at every moment, checked while a backend runs. A pure state machine: calls and
 * events go in, broken laws come out. It decides nothing that only one clause can know.
 */
import type { BackendStateEvent, StopOptions, TaskEnvelope, TaskEvent } from '../contract/index.js';
import { STREAM_CREDITS_INITIAL } from '../contract/index.js';
import { type AttemptKey, attemptKey } from './attempt-key.js';

export const LAWS = {
  'BL-1': 'Exactly one task-end per envelope, stopping included.',
  'BL-2': 'Nothing follows the task-end of an attempt.',
  'BL-3': 'Events name attempts that were submitted.',
  'BL-4': 'A result of an attempt that a newer one has replaced is refused.',
  'BL-5': 'At most one task-start per attempt, before anything else of it.',
  'BL-6': 'Stream items count from 0 without gaps, and only tasks submitted as streams yield them.',
  'BL-7': 'A stream is never ahead of its reader by more than its credits.',
  'BL-8': 'Progress is finite and not negative.',
  'BL-9': 'Nothing is emitted after the backend has stopped, but the refusal of what was submitted later.',
  'BL-10': 'The epoch of a backend never falls.',
  'BL-11': 'Results stay by reference only when asked to.',
  'BL-12': 'doCancel answers every request, in order.',
  'BL-13': 'doSubmit never throws.',
} as const;

export type LawId = keyof typeof LAWS;

export interface BrokenLaw {
  readonly law: LawId;
  readonly message: string;
}

/** Ended attempts that are remembered to notice a second end. The oldest are forgotten past it. */
export const ENDED_ATTEMPTS_MAX = 200_000;
/** Broken laws that are kept; further ones are not noted: one is enough to fail. */
export const BROKEN_LAWS_MAX = 10_000;

interface OpenAttempt {
  readonly output: TaskEnvelope['options']['output'];
  hasStarted: boolean;
  hasEvents: boolean;
  items: number;
  credits: number;
}

export class LawChecker {
  readonly broken: BrokenLaw[] = [];
  #isStopped = false;
  #epoch = Number.NEGATIVE_INFINITY;
  readonly #open = new Map<AttemptKey, OpenAttempt>();
  readonly #ended = new Set<AttemptKey>();
  /** Submitted after the stop: such an attempt may end as lost or refused, or get no answer at all. */
  readonly #late = new Set<AttemptKey>();
  readonly #newest = new Map<string, number>();

  /** Attempts that were submitted and have not ended. */
  get openAttempts(): readonly AttemptKey[] {
    return [...this.#open.keys()];
  }

  submit(tasks: readonly TaskEnvelope[]): void {
    if (this.#isStopped) {
      for (const task of tasks) this.#late.add(attemptKey(task));
      return;
    }
    for (const task of tasks) {
      const key = attemptKey(task);
      if (this.#open.has(key)) continue;
      this.#ended.delete(key);
      this.#open.set(key, {
        output: task.options.output,
        hasStarted: false,
        hasEvents: false,
        items: 0,
        credits: STREAM_CREDITS_INITIAL,
      });
      const newest = this.#newest.get(task.id) ?? 0;
      if (task.attempt > newest) this.#newest.set(task.id, task.attempt);
    }
  }

  submitThrew(error: unknown): void {
    this.#break('BL-13', `doSubmit threw ${String(error)}`);
  }

  credit(id: string, attempt: number, credits: number): void {
    const open = this.#open.get(attemptKey({ id, attempt }));
    if (open) open.credits += credits;
  }

  cancel(requests: number, answers: number): void {
    if (requests !== answers) this.#break('BL-12', `${requests} cancel requests got ${answers} answers`);
  }

  events(events: readonly TaskEvent[]): void {
    for (const event of events) {
      if (this.#isStopped) this.#afterStop(event);
      else if (event.type === 'backend-state') this.#state(event);
      else this.#attemptEvent(event);
    }
  }

  /** Call it when doStop has resolved. */
  stopped(options: StopOptions): void {
    for (const key of this.#open.keys()) {
      this.#break('BL-1', `${key} had no task-end when doStop (grace ${options.graceMs} ms) resolved`);
    }
    this.#open.clear();
    this.#isStopped = true;
  }

  /** All that may follow a stop is the refusal of what was submitted after it. */
  #afterStop(event: TaskEvent): void {
    const isRefusal =
      event.type === 'task-end' && (event.outcome.status === 'lost' || event.outcome.status === 'refused');
    if (isRefusal && this.#late.delete(attemptKey(event))) return;
    this.#break('BL-9', `${describeEvent(event)} after doStop had resolved`);
  }

  #state(event: BackendStateEvent): void {
    if (event.epoch < this.#epoch) this.#break('BL-10', `epoch ${event.epoch} after ${this.#epoch}`);
    this.#epoch = Math.max(this.#epoch, event.epoch);
  }

  #attemptEvent(event: Exclude<TaskEvent, BackendStateEvent>): void {
    const key = attemptKey(event);
    const open = this.#open.get(key);
    if (open === undefined) {
      const law = this.#ended.has(key) ? (event.type === 'task-end' ? 'BL-1' : 'BL-2') : 'BL-3';
      this.#break(
        law,
        `${describeEvent(event)} of an attempt that ${law === 'BL-3' ? 'was never submitted' : 'had ended'}`,
      );
      return;
    }
    switch (event.type) {
      case 'task-start':
        if (open.hasStarted || open.hasEvents)
          this.#break('BL-5', `a late or second ${describeEvent(event)}`);
        open.hasStarted = true;
        break;
      case 'task-progress':
        if (!isAmount(event.done) || !isAmount(event.total)) {
          this.#break('BL-8', `${key} reported ${event.done} of ${event.total}`);
        }
        break;
      case 'task-item':
        this.#item(key, open, event.sequence);
        break;
      case 'task-end':
        this.#end(key, open, event);
        break;
      case 'task-heartbeat':
      case 'task-device':
        break;
    }
    open.hasEvents = true;
  }

  #item(key: AttemptKey, open: OpenAttempt, sequence: number): void {
    if (open.output !== 'stream') this.#break('BL-6', `${key} is no stream and yielded an item`);
    if (sequence !== open.items) this.#break('BL-6', `${key}: item ${sequence} where ${open.items} was due`);
    open.items = sequence + 1;
    if (open.items > open.credits) {
      this.#break('BL-7', `${key}: item ${sequence} with credits for ${open.credits}`);
    }
  }

  #end(key: AttemptKey, open: OpenAttempt, event: TaskEvent & { readonly type: 'task-end' }): void {
    const { status } = event.outcome;
    const isResult = status === 'ok' || status === 'ok-reference' || status === 'app-error';
    if (isResult && event.attempt < (this.#newest.get(event.id) ?? 0)) {
      this.#break(
        'BL-4',
        `${key} ended ${status} although attempt ${this.#newest.get(event.id)} had replaced it`,
      );
    }
    if (status === 'ok-reference' && open.output !== 'reference') {
      this.#break('BL-11', `${key} asked for a ${open.output} and ended ok-reference`);
    }
    this.#open.delete(key);
    this.#ended.add(key);
    if (this.#ended.size > ENDED_ATTEMPTS_MAX) {
      const [oldest] = this.#ended;
      if (oldest !== undefined) this.#ended.delete(oldest);
    }
    if (event.attempt === this.#newest.get(event.id) && ![...this.#attemptsOf(event)].length) {
      this.#newest.delete(event.id);
    }
  }

  /** Older attempts of the same task that are still open: they need the newest number to be judged. */
  *#attemptsOf(event: { readonly id: string; readonly attempt: number }): Generator<AttemptKey> {
    for (let attempt = event.attempt - 1; attempt >= 1; attempt--) {
      const key = attemptKey({ id: event.id, attempt });
      if (this.#open.has(key)) yield key;
    }
  }

  #break(law: LawId, message: string): void {
    if (this.broken.length < BROKEN_LAWS_MAX) this.broken.push({ law, message });
  }
}

const isAmount = (value: number): boolean => Number.isFinite(value) && value >= 0;

function describeEvent(event: TaskEvent): string {
  if (event.type === 'backend-state') return `backend-state ${event.state}`;
  const status = event.type === 'task-end' ? ` (${event.outcome.status})` : '';
  return `${event.type}${status} of ${attemptKey(event)}`;
}
