/** One `map`: keeps a number of tasks open, in the order of their inputs. */
import type { TaskPlan } from '../submit/task-plan.js';
import type { Dispatcher } from '../task/dispatcher.js';
import type { Task, TaskOwner } from '../task/task.js';

export type Inputs = Iterable<unknown> | AsyncIterable<unknown>;

interface MapRunOptions {
  readonly dispatcher: Dispatcher;
  readonly plan: TaskPlan;
  readonly inputs: Inputs;
  /** Most tasks open, or ended and not taken. */
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;
  /** A task ended. Called for each, in the order of ending. */
  readonly onTask: (task: Task, index: number) => void;
  /** Every input was submitted and has ended; or no more can be, because of `error`. */
  readonly onDone: (error?: unknown) => void;
}

export class MapRun implements TaskOwner {
  readonly #options: MapRunOptions;
  #open = 0;
  #iterator: Iterator<unknown> | AsyncIterator<unknown> | undefined;
  readonly #isAsync: boolean;
  /** Inputs submitted so far. */
  #submitted = 0;
  /** Tasks open, or ended and not taken. */
  #held = 0;
  #isPulling = false;
  #isExhausted = false;
  #isStopped = false;

  constructor(options: MapRunOptions) {
    this.#options = options;
    const { inputs } = options;
    this.#isAsync = Symbol.asyncIterator in inputs;
    this.#iterator = this.#isAsync
      ? (inputs as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (inputs as Iterable<unknown>)[Symbol.iterator]();
  }

  get submitted(): number {
    return this.#submitted;
  }

  /** Submits as many as may be open. */
  pull(): void {
    if (this.#isPulling || this.#isExhausted || this.#isStopped) return;
    this.#isPulling = true;
    if (this.#isAsync) void this.#pullAsync();
    else this.#pullSync();
  }

  /** A result was taken: there is room for another one. */
  taken(): void {
    this.#held -= 1;
    this.pull();
  }

  onTaskEnd(task: Task): void {
    this.#open -= 1;
    this.#options.onTask(task, task.ownerIndex);
    if (this.#isExhausted && this.#open === 0 && !this.#isStopped) this.#finish();
  }

  /** Takes no more inputs and cancels what is open, the way the options of the tasks say. */
  stop(reason?: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#closeInputs();
    const { dispatcher } = this.#options;
    for (const task of [...dispatcher.tasks.values()]) {
      if (task.owner === this) dispatcher.stopper.stop(task, reason);
    }
  }

  #pullSync(): void {
    const { concurrency, dispatcher } = this.#options;
    const iterator = this.#iterator as Iterator<unknown>;
    try {
      while (this.#held < concurrency && !this.#isStopped) {
        if (!this.#hasRoom()) {
          void dispatcher.room().then(() => this.#resume());
          return;
        }
        const next = iterator.next();
        if (next.done) {
          this.#exhaust();
          return;
        }
        this.#submit(next.value);
      }
      this.#isPulling = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  async #pullAsync(): Promise<void> {
    const { concurrency, dispatcher } = this.#options;
    const iterator = this.#iterator as AsyncIterator<unknown>;
    try {
      while (this.#held < concurrency && !this.#isStopped) {
        const next = await iterator.next();
        if (this.#isStopped) return;
        if (next.done) {
          this.#exhaust();
          return;
        }
        while (!this.#hasRoom()) await dispatcher.room();
        if (this.#isStopped) return;
        this.#submit(next.value);
      }
      this.#isPulling = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #resume(): void {
    this.#isPulling = false;
    this.pull();
  }

  #hasRoom(): boolean {
    const { tasks, limits } = this.#options.dispatcher;
    return tasks.size < limits.openTasksMax;
  }

  #submit(input: unknown): void {
    const { dispatcher, plan, signal } = this.#options;
    plan.refresh(dispatcher.clock.nowMs());
    const ownerIndex = this.#submitted;
    this.#submitted += 1;
    this.#held += 1;
    this.#open += 1;
    dispatcher.accept(plan, input, { owner: this, ownerIndex, signal });
  }

  #exhaust(): void {
    this.#isExhausted = true;
    this.#isPulling = false;
    this.#iterator = undefined;
    if (this.#open === 0 && !this.#isStopped) this.#finish();
  }

  #finish(): void {
    this.#isStopped = true;
    this.#options.onDone();
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    // First: what is cancelled because of the error must not be taken for the reason.
    this.#options.onDone(error);
    this.stop(error);
  }

  #closeInputs(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    if (iterator?.return === undefined) return;
    const returned = iterator.return();
    if (returned instanceof Promise) returned.catch(() => {});
  }
}
