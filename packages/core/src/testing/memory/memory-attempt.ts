/** One attempt inside the in-memory backend: what the task sees, and how it ends once. */
import {
  type AttemptOutcome,
  STREAM_CREDITS_INITIAL,
  type TaskContext,
  type TaskEnvelope,
  type TaskEvent,
} from '../../contract/index.js';
import { AnantError, describeError } from '../../error/index.js';

type AttemptReport = (event: TaskEvent) => void;

export class MemoryAttempt {
  readonly envelope: TaskEnvelope;
  readonly worker: string;
  /** Whether it fills one of the backend's slots. */
  holdsSlot = false;
  readonly #report: AttemptReport;
  readonly #controller = new AbortController();
  #isEnded = false;
  #isAsked = false;
  #hasStarted = false;
  #sequence = 0;
  #credits = STREAM_CREDITS_INITIAL;
  #onCredit: (() => void) | undefined;

  constructor(envelope: TaskEnvelope, worker: string, report: AttemptReport) {
    this.envelope = envelope;
    this.worker = worker;
    this.#report = report;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  start(): void {
    this.#hasStarted = true;
    this.#tell({ type: 'task-start', ...this.#key, worker: this.worker });
  }

  /** What the task's function gets as its second argument. */
  context(): TaskContext {
    return {
      get gpu(): never {
        throw new AnantError('E_GPU_UNAVAILABLE', 'The in-memory backend has no mode "gpu".', {
          advice: 'Use the native backend.',
        });
      },
      taskId: this.envelope.id,
      attempt: this.envelope.attempt,
      signal: this.#controller.signal,
      progress: (done, total, note) => {
        if (!(done >= 0 && total >= 0 && Number.isFinite(done) && Number.isFinite(total)))
          throw new TypeError(`Progress must be finite and not negative, not ${done} of ${total}.`);
        this.#tell({ type: 'task-progress', ...this.#key, done, total, ...(note !== undefined && { note }) });
      },
      heartbeat: () => this.#tell({ type: 'task-heartbeat', ...this.#key }),
    };
  }

  /** Asks the task to stop. */
  ask(): void {
    this.#isAsked = true;
    this.#controller.abort(new DOMException('The task was cancelled.', 'AbortError'));
    this.#onCredit?.();
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Ends the attempt, once: what its function still does goes nowhere. */
  end(outcome: AttemptOutcome): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#report({ type: 'task-end', ...this.#key, outcome });
    this.#onCredit?.();
    if (!this.#isAsked) this.#controller.abort(new DOMException('The attempt is over.', 'AbortError'));
  }

  /** How it ends when its function threw. */
  fail(thrown: unknown): void {
    if (this.#isAsked && isAbort(thrown, this.#controller.signal))
      this.end({ status: 'cancelled', how: 'ask' });
    else this.end({ status: 'app-error', error: describeError(thrown) });
  }

  yieldItem(value: unknown): void {
    this.#tell({ type: 'task-item', ...this.#key, sequence: this.#sequence, value });
    this.#sequence += 1;
  }

  credit(credits: number): void {
    this.#credits += credits;
    this.#onCredit?.();
  }

  /** Resolves when another item may be yielded. @returns `false` when the attempt is over or was asked to stop. */
  async mayYield(): Promise<boolean> {
    while (this.#sequence >= this.#credits && !this.#isEnded && !this.#isAsked) {
      await new Promise<void>((resolve) => {
        this.#onCredit = resolve;
      });
    }
    return !this.#isEnded && !this.#isAsked;
  }

  get #key(): { readonly id: string; readonly attempt: number } {
    return { id: this.envelope.id, attempt: this.envelope.attempt };
  }

  #tell(event: TaskEvent): void {
    if (!this.#isEnded) this.#report(event);
  }
}

function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  return thrown === signal.reason || (thrown instanceof Error && thrown.name === 'AbortError');
}
