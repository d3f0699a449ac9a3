/**
 * Every open attempt, and the only place that emits about them: each ends exactly once, starts at most once, and an
 * attempt that a newer one replaced gives no result. Events leave in batches.
 */
import {
  type AttemptOutcome,
  type BackendStateEvent,
  ChurnMap,
  type GpuDevice,
  type TaskEnvelope,
  type TaskEvent,
  type TaskId,
} from '@anant/core';
import { type Attempt, newAttempt } from './attempt.js';
import type { KeepAlive } from './keep-alive.js';

export interface AttemptLedgerOptions {
  readonly emit: (events: readonly TaskEvent[]) => void;
  /** Held while attempts are open. */
  readonly keepAlive: KeepAlive;
  /** Called once per attempt, when it no longer runs. */
  readonly onEnd: (attempt: Attempt) => void;
}

/** Events collected before they are emitted without waiting for the turn to end. */
const EVENTS_MAX = 4096;

export class AttemptLedger {
  readonly #options: AttemptLedgerOptions;
  readonly #newest = new ChurnMap<TaskId, Attempt>();
  #open = 0;
  #events: TaskEvent[] = [];
  #isFlushDue = false;
  #isClosed = false;
  #onEmpty: (() => void) | undefined;

  constructor(options: AttemptLedgerOptions) {
    this.#options = options;
  }

  get openAttempts(): number {
    return this.#open;
  }

  /** Opens an attempt. @returns `undefined` when it is open already. */
  open(envelope: TaskEnvelope): Attempt | undefined {
    const newest = this.#newest.get(envelope.id);
    if (newest === undefined) {
      const attempt = newAttempt(envelope);
      this.#newest.set(envelope.id, attempt);
      this.#opened();
      return attempt;
    }
    if (this.find(envelope.id, envelope.attempt)) return undefined;
    const attempt = newAttempt(envelope);
    this.#opened();
    if (envelope.attempt > newest.envelope.attempt) {
      newest.isReplaced = true;
      attempt.older = newest;
      this.#newest.set(envelope.id, attempt);
    } else {
      attempt.isReplaced = true;
      attempt.older = newest.older;
      newest.older = attempt;
    }
    return attempt;
  }

  find(id: TaskId, number: number): Attempt | undefined {
    let attempt = this.#newest.get(id);
    while (attempt && attempt.envelope.attempt !== number) attempt = attempt.older;
    return attempt;
  }

  all(): Attempt[] {
    const open: Attempt[] = [];
    for (const attempt of this.#newest.values()) {
      for (let each: Attempt | undefined = attempt; each; each = each.older) open.push(each);
    }
    return open;
  }

  start(attempt: Attempt, worker: string): void {
    if (attempt.hasStarted || attempt.state === 'ended') return;
    attempt.hasStarted = true;
    const { id, attempt: number } = attempt.envelope;
    this.#push({ type: 'task-start', id, attempt: number, worker });
  }

  progress(attempt: Attempt, done: number, total: number, note: string | undefined): void {
    if (attempt.state === 'ended') return;
    const { id, attempt: number } = attempt.envelope;
    this.#push({
      type: 'task-progress',
      id,
      attempt: number,
      done,
      total,
      ...(note !== undefined && { note }),
    });
  }

  heartbeat(attempt: Attempt): void {
    if (attempt.state === 'ended') return;
    const { id, attempt: number } = attempt.envelope;
    this.#push({ type: 'task-heartbeat', id, attempt: number });
  }

  device(attempt: Attempt, device: GpuDevice): void {
    if (attempt.state === 'ended') return;
    const { id, attempt: number } = attempt.envelope;
    this.#push({ type: 'task-device', id, attempt: number, device });
  }

  item(attempt: Attempt, sequence: number, value: unknown): void {
    if (attempt.state === 'ended' || attempt.isReplaced) return;
    const { id, attempt: number } = attempt.envelope;
    this.#push({ type: 'task-item', id, attempt: number, sequence, value });
  }

  /** Ends an attempt. Of one that was forgotten, only says that it no longer runs. */
  end(attempt: Attempt, outcome: AttemptOutcome): void {
    if (attempt.state === 'ended') {
      if (attempt.isForgotten) this.#options.onEnd(attempt);
      attempt.isForgotten = false;
      return;
    }
    this.#options.onEnd(attempt);
    this.#close(attempt, outcome);
  }

  /** Ends an attempt for the client although it still runs; a later `end` gives back what it holds. */
  forget(attempt: Attempt): void {
    if (attempt.state === 'ended') return;
    attempt.isForgotten = true;
    this.#close(attempt, { status: 'cancelled', how: 'forget' });
  }

  state(event: BackendStateEvent): void {
    this.#push(event);
  }

  #close(attempt: Attempt, outcome: AttemptOutcome): void {
    attempt.state = 'ended';
    this.#remove(attempt);
    const { id, attempt: number } = attempt.envelope;
    this.#push({
      type: 'task-end',
      id,
      attempt: number,
      outcome: attempt.isReplaced ? withoutResult(outcome) : outcome,
      ...(attempt.warnings && { warnings: attempt.warnings }),
    });
    attempt.input = undefined;
    if (this.#open > 0) return;
    this.#options.keepAlive.letGo();
    this.#onEmpty?.();
  }

  #opened(): void {
    this.#open += 1;
    if (this.#open === 1) this.#options.keepAlive.hold();
  }

  /** Emits what was collected. */
  flush(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#options.emit(events);
  }

  /** Settles when no attempt is open. */
  async empty(): Promise<void> {
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  /** Emits what is left; nothing is emitted afterwards. */
  close(): void {
    this.flush();
    this.#isClosed = true;
  }

  #push(event: TaskEvent): void {
    if (this.#isClosed) return;
    this.#events.push(event);
    if (this.#events.length >= EVENTS_MAX) this.flush();
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      this.flush();
    });
  }

  #remove(attempt: Attempt): void {
    this.#open -= 1;
    const { id } = attempt.envelope;
    const newest = this.#newest.get(id);
    if (newest === attempt) {
      if (attempt.older) this.#newest.set(id, attempt.older);
      else this.#newest.delete(id);
      return;
    }
    for (let newer = newest; newer; newer = newer.older) {
      if (newer.older === attempt) newer.older = attempt.older;
    }
  }
}

/** The end of an attempt that a newer one replaced: whatever it gives is refused. */
function withoutResult(outcome: AttemptOutcome): AttemptOutcome {
  if (outcome.status !== 'ok' && outcome.status !== 'ok-reference' && outcome.status !== 'app-error')
    return outcome;
  return { status: 'lost', reason: 'A newer attempt replaced it; its result was refused.', started: 'yes' };
}
