/** The ways to take what a `map` gives: all at once, or one by one in order. */
import type { Outcome } from '../../contract/index.js';
import { MAP_CONCURRENCY_DEFAULT } from '../limits.js';
import type { TaskPlan } from '../submit/task-plan.js';
import type { Dispatcher } from '../task/dispatcher.js';
import { resultOf } from '../task/handles.js';
import type { MapOptions } from '../types/index.js';
import { type Inputs, MapRun } from './map-run.js';

/** Every result, in order. The first failure cancels the rest and rejects. */
export function mapAll(
  dispatcher: Dispatcher,
  plan: TaskPlan,
  inputs: Inputs,
  options: MapOptions = {},
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const results: unknown[] = [];
    const run = new MapRun({
      dispatcher,
      plan,
      inputs,
      concurrency: options.concurrency ?? MAP_CONCURRENCY_DEFAULT,
      signal: options.signal,
      onTask: ({ outcome }, index) => {
        if (outcome!.status === 'ok') {
          results[index] = outcome!.value;
          run.taken();
          return;
        }
        reject(outcome!.error);
        run.stop(outcome!.error);
      },
      onDone: (error) => (error === undefined ? resolve(results) : reject(error)),
    });
    run.pull();
  });
}

/** Outcomes one by one, in order; inputs are read as far ahead as tasks may be open. */
export function mapOutcomes(
  dispatcher: Dispatcher,
  plan: TaskPlan,
  inputs: Inputs,
  options: MapOptions = {},
): AsyncIterable<Outcome> {
  return { [Symbol.asyncIterator]: () => new OutcomeReader(dispatcher, plan, inputs, options) };
}

/** Results one by one, in order; the first failure in that order cancels the rest and throws. */
export async function* mapStream(outcomes: AsyncIterable<Outcome>): AsyncIterable<unknown> {
  for await (const outcome of outcomes) yield resultOf(outcome);
}

class OutcomeReader implements AsyncIterator<Outcome> {
  readonly #run: MapRun;
  /** Ended and not taken, by index. */
  readonly #ended = new Map<number, Outcome>();
  #next = 0;
  #isDone = false;
  #error: unknown;
  #waiting: (() => void)[] = [];

  constructor(dispatcher: Dispatcher, plan: TaskPlan, inputs: Inputs, options: MapOptions) {
    this.#run = new MapRun({
      dispatcher,
      plan,
      inputs,
      concurrency: options.concurrency ?? MAP_CONCURRENCY_DEFAULT,
      signal: options.signal,
      onTask: ({ outcome }, index) => {
        this.#ended.set(index, outcome!);
        if (index === this.#next) this.#notify();
      },
      onDone: (error) => {
        this.#isDone = true;
        this.#error = error;
        this.#notify();
      },
    });
  }

  async next(): Promise<IteratorResult<Outcome>> {
    this.#run.pull();
    for (;;) {
      const outcome = this.#ended.get(this.#next);
      if (outcome !== undefined) {
        this.#ended.delete(this.#next);
        this.#next += 1;
        this.#run.taken();
        return { done: false, value: outcome };
      }
      if (this.#isDone && this.#next >= this.#run.submitted) {
        if (this.#error !== undefined) throw this.#error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async return(): Promise<IteratorResult<Outcome>> {
    this.#run.stop();
    this.#isDone = true;
    this.#next = Number.POSITIVE_INFINITY;
    this.#ended.clear();
    this.#notify();
    return { done: true, value: undefined };
  }

  #notify(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
