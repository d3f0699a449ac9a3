/** Tasks that need the results of others: when they may run, when they are skipped, what is kept for them. */
import { checkPortable } from '../../codec/index.js';
import type { Outcome } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { ReleaseGraph } from '../../policy/index.js';
import { HeldObject, type ObjectKeeper } from '../object/held-object.js';
import { PendingValue, replaceParts } from '../submit/pending-value.js';
import type { Task } from './task.js';

export interface DependencyHost {
  readonly objects: ObjectKeeper;
  /** True for tasks of this client. */
  isOwn(task: Task): boolean;
  /** Everything its input stands for is there. */
  onReady(task: Task): void;
  /** `because` did not end `ok`. */
  onSkip(task: Task, because: Task): void;
}

export class DependencyDesk {
  readonly #host: DependencyHost;
  readonly #graph = new ReleaseGraph<Task>();

  constructor(host: DependencyHost) {
    this.#host = host;
  }

  /**
   * Checks what can be checked before results are there.
   * @throws AnantError `E_TASK_INVALID`, `E_VALUE_NOT_PORTABLE`
   */
  check(name: string, input: unknown, pending: readonly PendingValue[]): void {
    for (const part of pending) {
      if (this.#isUsable(part)) continue;
      throw new AnantError(
        'E_TASK_INVALID',
        `The input of task "${name}" holds "${part.id}", which cannot stand for a value.`,
        { advice: 'Pass handles and stored objects of the same client, no streams and nothing released.' },
      );
    }
    checkPortable(
      replaceParts(input, (part) => (part instanceof PendingValue ? null : part)),
      'input',
    );
  }

  /** Lets an accepted task wait for the tasks behind the stand-ins of its input. */
  adopt(task: Task, pending: readonly PendingValue[]): void {
    const parents: Task[] = [];
    for (const part of pending) {
      const value = part instanceof HeldObject ? part : resultOf(part.task);
      if (value instanceof HeldObject) hold(task, value);
      const parent = part.task;
      if (parent === undefined) continue;
      if (parent.outcome === undefined) parents.push(parent);
      else if (parent.outcome.status !== 'ok') {
        this.#host.onSkip(task, parent);
        return;
      }
    }
    if (parents.length === 0) {
      this.#host.onReady(task);
      return;
    }
    task.state = 'waiting';
    for (const parent of parents) parent.hasChildren = true;
    this.#graph.add(task, parents);
  }

  /** A task ended that others wait for, or that waited itself. */
  onEnd(task: Task, outcome: Outcome): void {
    const value = outcome.status === 'ok' ? outcome.value : undefined;
    // Held for the children before whoever owns the object can release it.
    if (value instanceof HeldObject) for (const child of this.#graph.childrenOf(task)) hold(child, value);
    const { ready, skipped } = this.#graph.end(task, outcome.status === 'ok' ? 'ok' : 'failed');
    for (const child of ready) this.#host.onReady(child);
    for (const { node, because } of skipped) this.#host.onSkip(node, because);
  }

  #isUsable(part: PendingValue): boolean {
    if (part instanceof HeldObject) return part.belongsTo(this.#host.objects) && !part.isReleased;
    const { task } = part;
    return task !== undefined && task.plan.definition.output === 'value' && this.#host.isOwn(task);
  }
}

/** What a part of an input stands for: a stored object's reference, or a task's result. */
export function standInValue(part: PendingValue): unknown {
  if (part instanceof HeldObject) return part.ref;
  const value = resultOf(part.task);
  return value instanceof HeldObject ? value.ref : value;
}

/** Bytes of a task's stored inputs by backend; `undefined` when it has none. */
export function storedBytesOf(task: Task): Readonly<Record<string, number>> | undefined {
  const held = task.extras?.held;
  if (held === undefined) return undefined;
  const bytes: Record<string, number> = {};
  for (const object of held) bytes[object.backend] = (bytes[object.backend] ?? 0) + object.bytes;
  return bytes;
}

function resultOf(task: Task | undefined): unknown {
  return task?.outcome?.status === 'ok' ? task.outcome.value : undefined;
}

function hold(task: Task, object: HeldObject): void {
  const extras = task.more();
  extras.held ??= [];
  extras.held.push(object);
  object.retain();
}
