/** A TypeScript actor: an instance that lives on a thread of its own. */
import {
  type ActorSpecification,
  AnantError,
  type CancelAnswer,
  isErrorCode,
  reviveError,
  type TypeScriptReference,
} from '@anant/core';
import { encodeValue } from '@anant/core/codec';
import type { Piscina } from 'piscina';
import type { Attempt } from '../attempt.js';
import { ACTOR_START_MS_MAX } from '../limits.js';
import type { PreparedInput } from '../prepared-input.js';
import { sendable } from '../thread/batch-writer.js';
import { DefinitionTable } from '../thread/definition-table.js';
import type { ThreadEnd } from '../thread/messages.js';
import { SLOT_TASKS_MAX } from '../thread/slot-memory.js';
import { ThreadSlot } from '../thread/thread-slot.js';
import {
  newThreadTask,
  type SlotListener,
  type ThreadTask,
  type ThreadTaskEnd,
} from '../thread/thread-task.js';
import { within } from '../within.js';
import type { LiveActor } from './live-actor.js';

export interface ThreadActorOptions {
  readonly specification: ActorSpecification;
  readonly pool: Piscina;
  readonly payloadBytesMax: number;
  readonly memoryBytesMax: number;
  readonly listener: Omit<SlotListener, 'handedBack' | 'changed'>;
  /** Called once, when the actor's thread has ended for whatever reason. */
  readonly onGone: () => void;
}

/** Calls sent ahead to the thread; the rest waits here, where it can be taken back. */
const SENT_MAX = SLOT_TASKS_MAX / 2;

export class ThreadActor implements LiveActor {
  readonly #options: ThreadActorOptions;
  readonly #slot: ThreadSlot;
  readonly #methods: DefinitionTable;
  #waiting: ThreadTask[] = [];
  #onReady: ((failure: Error | undefined) => void) | undefined;
  #isGone = false;

  constructor(options: ThreadActorOptions) {
    this.#options = options;
    const { pool, payloadBytesMax, memoryBytesMax, specification } = options;
    this.#slot = new ThreadSlot({
      name: `actor/${specification.id}`,
      pool,
      payloadBytesMax,
      memoryBytesMax,
      spinUs: 0,
      listener: this.#listener(),
    });
    this.#methods = new DefinitionTable(() => this.#slot.forgetDefinitions());
  }

  /** Opens the thread and constructs the instance. @throws AnantError: what the constructor threw, or why it never ran */
  async start(): Promise<void> {
    const started = this.#start();
    if (!(await within(started, ACTOR_START_MS_MAX))) {
      await this.stop('Its constructor did not return in time.');
      throw new AnantError('E_TIMEOUT', `The actor did not start within ${ACTOR_START_MS_MAX} ms.`, {
        advice: 'Move slow work from its constructor into a method.',
      });
    }
    const end = await started;
    if (end.status === 'ok') return;
    await this.stop('It could not be constructed.');
    throw startFailure(end);
  }

  call(attempt: Attempt, input: PreparedInput): void {
    const definition = this.#methods.method(attempt.envelope.actor!.method);
    attempt.thread = newThreadTask(attempt, definition, input, undefined);
    this.#waiting.push(attempt.thread);
    this.#send();
  }

  takeBack({ thread }: Attempt): boolean {
    this.#slot.drain();
    if (!thread || thread.ended) return false;
    const at = this.#waiting.indexOf(thread);
    if (at < 0) return this.#slot.withdrawOne(thread);
    this.#waiting.splice(at, 1);
    return true;
  }

  cancel({ thread }: Attempt, how: 'ask' | 'kill'): CancelAnswer {
    if (!thread || thread.ended) return 'already-done';
    if (how === 'kill') return 'unsupported';
    this.#slot.ask(thread);
    return 'requested';
  }

  /** Ends the actor; calls still open end `lost`. */
  async stop(reason: string): Promise<void> {
    await this.#slot.kill(reason);
    this.#gone(reason);
  }

  async #start(): Promise<ThreadEnd> {
    const ready = new Promise<Error | undefined>((resolve) => {
      this.#onReady = resolve;
    });
    this.#slot.open();
    const failure = await ready;
    if (failure) return { status: 'refused', code: 'E_WORKER_EXITED', reason: failure.message };
    const { definition, input } = this.#options.specification;
    const { body, buffers } = encodeValue(input, 'input');
    const value = { body, buffers: buffers.map((buffer) => sendable(buffer, [])) };
    return await this.#slot.construct(definition as TypeScriptReference, value);
  }

  #send(): void {
    if (this.#slot.state !== 'ready') return;
    const room = SENT_MAX - this.#slot.underWay;
    if (room > 0 && this.#waiting.length > 0) this.#slot.send(this.#waiting.splice(0, room));
  }

  #gone(reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.#end(task, { status: 'lost', reason, started: 'no' });
    this.#options.onGone();
  }

  #end(task: ThreadTask, end: ThreadTaskEnd): void {
    task.ended = end.status;
    task.attempt.thread = undefined;
    this.#options.listener.taskEnd(task, end);
  }

  #listener(): SlotListener {
    const { listener } = this.#options;
    return {
      ...listener,
      taskEnd: (task, end) => {
        this.#end(task, end);
        this.#send();
      },
      handedBack: (tasks) => {
        this.#waiting = [...tasks, ...this.#waiting];
      },
      changed: (slot, failure) => {
        this.#onReady?.(slot.state === 'ready' ? undefined : (failure ?? new Error('The thread ended.')));
        this.#onReady = undefined;
        if (slot.state === 'closed') this.#gone('The thread of its actor ended.');
      },
    };
  }
}

/** The error of an actor that could not be started. */
export function startFailure(end: Exclude<ThreadEnd, { status: 'ok' }>): Error {
  if (end.status === 'app-error') return reviveError(end.error);
  if (end.status === 'cancelled')
    return new AnantError('E_CANCELLED', 'The start of the actor was cancelled.');
  const { code, reason, advice } = end;
  return new AnantError(isErrorCode(code) ? code : 'E_TASK_INVALID', reason, { ...(advice && { advice }) });
}
