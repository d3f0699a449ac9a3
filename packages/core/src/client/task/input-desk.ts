/** Gets inputs ready: waits for other tasks' results, fetches what lies elsewhere, validates. */
import { checkPortable } from '../../codec/index.js';
import type { ObjectRef } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { messageOf } from '../backend/backend-source.js';
import type { ObjectKeeper } from '../object/held-object.js';
import { PendingValue, replaceParts } from '../submit/pending-value.js';
import { validate } from '../submit/validate.js';
import { standInValue } from './dependency-desk.js';
import type { Task } from './task.js';

/** Where a prepared task goes on. */
export interface InputHost {
  readonly objects: ObjectKeeper;
  /** Its input is ready. */
  onPrepared(task: Task): void;
  /** It takes a while: its timeouts count meanwhile. */
  rearm(task: Task): void;
  onInputFailed(task: Task, error: Error): void;
}

export class InputDesk {
  readonly #host: InputHost;

  constructor(host: InputHost) {
    this.#host = host;
  }

  /**
   * Checks the input of a task that stands for nothing else, and sets it.
   * @returns a promise when the schema is asynchronous; the task is prepared then.
   * @throws AnantError `E_INPUT_INVALID`, `E_VALUE_NOT_PORTABLE`
   */
  check(task: Task, input: unknown): Promise<void> | undefined {
    const { inputSchema, name } = task.plan.definition;
    task.references = checkPortable(input, 'input');
    task.input = input;
    // What a reference stands for is not here to be validated.
    if (inputSchema === undefined || task.references.length > 0) return undefined;
    const validated = validate(inputSchema, input, 'input', name);
    if (validated instanceof Promise) return validated.then((value) => this.#set(task, value));
    if (validated !== input) this.#set(task, validated);
    return undefined;
  }

  /** Puts results in place of what stands for them, and checks the whole. Every parent has ended `ok`. */
  fill(task: Task): void {
    try {
      const input = replaceParts(task.input, (part) =>
        part instanceof PendingValue ? standInValue(part) : part,
      );
      this.settle(task, this.check(task, input));
    } catch (error) {
      this.#host.onInputFailed(task, asError(error));
    }
  }

  /** Goes on when the checks are through. */
  settle(task: Task, checked: Promise<void> | undefined): void {
    if (checked === undefined) {
      this.#host.onPrepared(task);
      return;
    }
    this.#host.rearm(task);
    checked.then(
      () => this.#host.onPrepared(task),
      (error: unknown) => this.#host.onInputFailed(task, asError(error)),
    );
  }

  /** Fetches stored objects that lie on other backends than the one the task goes to. @throws AnantError */
  async relocate(task: Task): Promise<void> {
    const elsewhere = new Set<object>(task.references.filter(({ backend }) => backend !== task.lane.id));
    const values = new Map<object, unknown>();
    await Promise.all(
      [...elsewhere].map(async (ref) => values.set(ref, await this.#host.objects.fetch(ref as ObjectRef))),
    );
    task.input = replaceParts(task.input, (part) => (values.has(part) ? values.get(part) : part));
    task.references = checkPortable(task.input, 'input');
    task.warn({
      type: 'degraded',
      subject: 'objects',
      backend: task.lane.id,
      message: `${elsewhere.size} stored object(s) went to ${task.lane.id} through the client.`,
    });
  }

  #set(task: Task, value: unknown): void {
    task.references = checkPortable(value, 'input');
    task.input = value;
  }
}

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new AnantError('E_INPUT_INVALID', messageOf(error), { cause: error });
