/** What callers hold of tasks. */
import {
  type CancelAnswer,
  type CancelStrategy,
  isStreamSource,
  type ObjectRef,
  type Outcome,
} from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { HeldObject } from '../object/held-object.js';
import { PendingValue } from '../submit/pending-value.js';
import { validate } from '../submit/validate.js';
import type { Progress, StreamHandle, TaskHandle } from '../types/index.js';
import type { Dispatcher } from './dispatcher.js';
import { ProgressFeed } from './progress-feed.js';
import type { Task } from './task.js';

abstract class Handle extends PendingValue {
  readonly task: Task;
  readonly #dispatcher: Dispatcher;

  constructor(task: Task, dispatcher: Dispatcher) {
    super();
    this.task = task;
    this.#dispatcher = dispatcher;
  }

  get id(): string {
    return this.task.id;
  }

  outcome(): Promise<Outcome<never>> {
    return this.task.ended() as Promise<Outcome<never>>;
  }

  cancel(how: CancelStrategy = 'ask'): Promise<CancelAnswer> {
    return this.#dispatcher.stopper.cancel(this.task, how);
  }

  progress(): AsyncIterable<Progress> {
    const extras = this.task.more();
    extras.progress ??= new ProgressFeed();
    if (this.task.outcome !== undefined) extras.progress.end();
    return extras.progress.read();
  }

  async reference(): Promise<ObjectRef> {
    const value = resultOf(await this.task.ended());
    if (value instanceof HeldObject) return value.ref;
    throw new AnantError('E_TASK_INVALID', `The result of task ${this.id} is not stored.`, {
      advice: "Submit the task with output 'reference'.",
    });
  }
}

class ValueHandle extends Handle implements TaskHandle {
  result(): Promise<never> {
    return this.task.result() as Promise<never>;
  }
}

class ItemHandle extends Handle implements StreamHandle {
  readonly #dispatcher: Dispatcher;

  constructor(task: Task, dispatcher: Dispatcher) {
    super(task, dispatcher);
    this.#dispatcher = dispatcher;
  }

  items(): AsyncIterable<never> {
    const { task } = this;
    const buffer = task.extras!.items!;
    buffer.take();
    let isLeft = false;
    const leave = async (): Promise<IteratorResult<never>> => {
      isLeft = true;
      this.#dispatcher.stopper.stop(task);
      return { done: true, value: undefined };
    };
    const next = async (): Promise<IteratorResult<never>> => {
      for (;;) {
        if (isLeft) return { done: true, value: undefined };
        const item = buffer.shift();
        if (item !== undefined) {
          this.#grant();
          return { done: false, value: (await this.#checked(item.value)) as never };
        }
        if (buffer.isEnded) {
          resultOf(task.outcome!);
          return { done: true, value: undefined };
        }
        await buffer.changed();
      }
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
  }

  async result(): Promise<never[]> {
    const items: never[] = [];
    for await (const item of this.items()) items.push(item);
    return items;
  }

  #grant(): void {
    const { task } = this;
    const credits = task.extras!.items!.takeGrant();
    const { backend } = task.lane;
    if (credits > 0 && backend !== undefined && isStreamSource(backend))
      backend.doStreamCredit(task.id, task.attempt, credits);
  }

  async #checked(value: unknown): Promise<unknown> {
    const { outputSchema, name } = this.task.plan.definition;
    if (outputSchema === undefined) return value;
    try {
      return await validate(outputSchema, value, 'result', name);
    } catch (error) {
      this.#dispatcher.stopper.stop(this.task, error);
      throw error;
    }
  }
}

/** The result of an outcome. @throws its error when it is not `ok` */
export function resultOf(outcome: Outcome): unknown {
  if (outcome.status === 'ok') return outcome.value;
  throw outcome.error;
}

/** The one handle of a task. */
export function handleOf(task: Task, dispatcher: Dispatcher): TaskHandle | StreamHandle {
  task.handle ??=
    task.plan.definition.output === 'stream'
      ? new ItemHandle(task, dispatcher)
      : new ValueHandle(task, dispatcher);
  return task.handle;
}
