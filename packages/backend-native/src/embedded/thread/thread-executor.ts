/**
 * Runs tasks on threads. Tiny tasks share a message, about a millisecond's worth; what waits behind a task that
 * takes longer than it should is taken back and given to another slot.
 */
import type { CancelAnswer, Clock } from '@anant/core';
import type { Piscina } from 'piscina';
import { MESSAGE_TASKS_MAX, MESSAGE_US } from '../schedule/duration-estimate.js';
import { PriorityQueue } from '../schedule/priority-queue.js';
import { LatencyPoll } from './latency-poll.js';
import { refusalOf } from './thread-loss.js';
import { ThreadSlot } from './thread-slot.js';
import type { SlotListener, ThreadTask, ThreadTaskEnd } from './thread-task.js';

export interface ThreadExecutorOptions {
  readonly slots: number;
  /** Makes the threads; asked when the first task comes. */
  readonly pool: () => Piscina;
  readonly clock: Clock;
  readonly payloadBytesMax: number;
  readonly memoryBytesMax: number | undefined;
  readonly spinUs: number;
  readonly pollUs: number;
  /** A slot without tasks gives its thread back to the pool after this. */
  readonly idleMs: number;
  readonly events: ThreadExecutorEvents;
}

export interface ThreadExecutorEvents extends Omit<SlotListener, 'handedBack' | 'changed' | 'retired'> {
  warn(message: string): void;
}

/** How often slots are looked at while tasks wait behind others on them. */
const STALL_MS = 2;
/** Work below this is not worth a second thread's attention. */
const WORTH_SPLITTING_US = 100;
/** Bytes of inputs in one message at most. */
const MESSAGE_BYTES_MAX = 1_048_576;
/** Threads that may fail to start in a row before the tasks that wait for one end `lost`. */
const START_FAILURES_MAX = 5;

export class ThreadExecutor {
  readonly #options: ThreadExecutorOptions;
  readonly #slots: ThreadSlot[] = [];
  readonly #queue: PriorityQueue<ThreadTask>;
  readonly #poll: LatencyPoll;
  #cancelStall: (() => void) | undefined;
  #cancelIdle: (() => void) | undefined;
  #open = 0;
  #startFailures = 0;
  #isPumpDue = false;
  #isStopped = false;

  constructor(options: ThreadExecutorOptions) {
    this.#options = options;
    this.#queue = new PriorityQueue({
      priorityOf: (task) => task.attempt.envelope.options.priority,
      isLive: (task) => task.ended === undefined,
    });
    this.#poll = new LatencyPoll({ slots: this.#slots, forUs: options.pollUs });
  }

  submit(task: ThreadTask): void {
    this.#open += 1;
    task.attempt.thread = task;
    this.#queue.push(task);
    this.#schedulePump();
  }

  /** Takes back a task that has not begun. @returns whether it did. */
  takeBack(task: ThreadTask): boolean {
    task.slot?.drain();
    if (task.ended) return false;
    if (!task.slot) this.#queue.died();
    else if (!task.slot.withdrawOne(task)) return false;
    task.work?.abandon();
    task.ended = 'cancelled';
    task.attempt.thread = undefined;
    this.#open -= 1;
    this.#schedulePump();
    return true;
  }

  /** Asks a task that runs to stop. */
  ask(task: ThreadTask): CancelAnswer {
    if (task.ended) return 'already-done';
    task.slot?.ask(task);
    return 'requested';
  }

  /** Ends the thread of a task that runs. */
  async kill(task: ThreadTask): Promise<CancelAnswer> {
    if (task.ended) return 'already-done';
    task.isKilled = true;
    await task.slot?.kill();
    return KILL_ANSWERS[task.ended ?? 'unknown'] ?? 'already-done';
  }

  /** Definitions get new numbers from now on. */
  forgetDefinitions(): void {
    for (const slot of this.#slots) slot.forgetDefinitions();
  }

  /** Ends every session; what runs is `lost`. What waits stays with the caller. */
  async stop(reason: string): Promise<void> {
    this.#isStopped = true;
    this.#cancelStall?.();
    this.#cancelIdle?.();
    this.#poll.stop();
    await Promise.all(this.#slots.map((slot) => (slot.underWay > 0 ? slot.kill(reason) : slot.close())));
  }

  /** Many submissions in one turn share their messages. */
  #schedulePump(): void {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    queueMicrotask(() => {
      this.#isPumpDue = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isStopped) return;
    while (this.#queue.size > 0) {
      const slot = this.#leastBusy();
      if (!slot) break;
      this.#fill(slot);
    }
    this.#openSlots();
    this.#watchStall();
    if (this.#open === 0) this.#watchIdle();
  }

  /** The slot with least work, unless each has a message's worth. */
  #leastBusy(): ThreadSlot | undefined {
    let best: ThreadSlot | undefined;
    let bestUs = MESSAGE_US;
    for (const slot of this.#slots) {
      if (slot.state !== 'ready' || slot.workUs >= bestUs || slot.room < MESSAGE_TASKS_MAX) continue;
      best = slot;
      bestUs = slot.workUs;
    }
    return best;
  }

  /** Sends a slot about a message's worth, but no more than its fair share of what waits. */
  #fill(slot: ThreadSlot): void {
    const share = Math.ceil(this.#queue.size / this.#slots.length);
    const batch: ThreadTask[] = [];
    let us = 0;
    let bytes = 0;
    while (batch.length < MESSAGE_TASKS_MAX && us < MESSAGE_US && bytes < MESSAGE_BYTES_MAX) {
      if (batch.length >= share && us >= WORTH_SPLITTING_US) break;
      const task = this.#queue.shift();
      if (!task) break;
      if (task.work) {
        this.#sendKernel(slot, task, batch);
        return;
      }
      task.us = task.output === 'stream' ? MESSAGE_US : task.definition.estimate.us;
      batch.push(task);
      us += task.us;
      if (task.input.kind === 'encoded') bytes += task.input.encoded.body.length;
    }
    this.#send(slot, batch);
  }

  #sendKernel(slot: ThreadSlot, task: ThreadTask, batch: readonly ThreadTask[]): void {
    if (batch.length > 0) {
      this.#queue.putBack([task]);
      this.#send(slot, batch);
      return;
    }
    try {
      task.kernel = task.work!.place();
    } catch (thrown) {
      this.#ended(task, refusalOf(thrown));
      return;
    }
    task.us = task.definition.estimate.us;
    slot.sendKernel(task);
    this.#poll.watch(task.definition.estimate);
  }

  #send(slot: ThreadSlot, batch: readonly ThreadTask[]): void {
    if (batch.length === 0) return;
    slot.send(batch);
    if (batch.length === 1) this.#poll.watch(batch[0]!.definition.estimate);
  }

  /** Opens sessions while tasks wait and slots are missing. */
  #openSlots(): void {
    let opening = this.#slots.filter(({ state }) => state === 'opening').length;
    for (const slot of this.#slots) {
      if (this.#queue.size <= opening) return;
      if (slot.state !== 'closed') continue;
      slot.open();
      opening += 1;
    }
    while (this.#slots.length < this.#options.slots && this.#queue.size > opening) {
      const slot = this.#makeSlot();
      this.#slots.push(slot);
      slot.open();
      opening += 1;
    }
  }

  #makeSlot(): ThreadSlot {
    const { payloadBytesMax, spinUs, memoryBytesMax } = this.#options;
    return new ThreadSlot({
      name: `thread-${this.#slots.length + 1}`,
      pool: this.#options.pool(),
      payloadBytesMax,
      spinUs,
      memoryBytesMax,
      listener: this.#listener,
    });
  }

  readonly #listener: SlotListener = {
    taskStart: (task, worker) => this.#options.events.taskStart(task, worker),
    taskProgress: (task, done, total, note) => this.#options.events.taskProgress(task, done, total, note),
    taskHeartbeat: (task) => this.#options.events.taskHeartbeat(task),
    taskItem: (task, sequence, value) => this.#options.events.taskItem(task, sequence, value),
    taskEnd: (task, end) => this.#ended(task, end),
    handedBack: (tasks) => this.#handedBack(tasks),
    retired: (slot, reason) =>
      this.#options.events.warn(`${slot.name} is replaced: an error escaped a task. ${reason}`),
    changed: (slot, failure) => this.#changed(slot, failure),
  };

  #changed(slot: ThreadSlot, failure: Error | undefined): void {
    if (failure) this.#startFailed(failure);
    else if (slot.state === 'ready') this.#startFailures = 0;
    this.#pump();
  }

  #startFailed(failure: Error): void {
    this.#startFailures += 1;
    if (this.#startFailures < START_FAILURES_MAX) return;
    this.#startFailures = 0;
    const reason = `E_WORKER_EXITED: no thread could be started (${START_FAILURES_MAX} tries): ${failure.message}.`;
    for (let task = this.#queue.shift(); task; task = this.#queue.shift()) {
      this.#ended(task, { status: 'lost', reason, started: 'no' });
    }
  }

  #handedBack(tasks: readonly ThreadTask[]): void {
    for (const task of tasks) {
      if (task.kernel) task.work!.abandon();
      task.kernel = undefined;
    }
    this.#queue.putBack(tasks);
    this.#schedulePump();
  }

  #ended(task: ThreadTask, end: ThreadTaskEnd): void {
    if (task.ended) return;
    task.ended = end.status;
    task.attempt.thread = undefined;
    this.#open -= 1;
    this.#options.events.taskEnd(task, end);
    this.#schedulePump();
  }

  /** While tasks wait behind others, or may have started unseen, looks how they are. */
  #watchStall(): void {
    if (this.#cancelStall || !this.#slots.some(({ needsLook }) => needsLook)) return;
    this.#cancelStall = this.#options.clock.schedule(STALL_MS, () => {
      this.#cancelStall = undefined;
      for (const slot of this.#slots) {
        slot.drain();
        if (!slot.isStalled()) continue;
        const taken = slot.withdraw();
        slot.markBusy(MESSAGE_US);
        this.#handedBack(taken);
      }
      this.#watchStall();
    });
  }

  /** Slots that had nothing to do for a while give their threads back, so that the process may end. */
  #watchIdle(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = this.#options.clock.schedule(this.#options.idleMs, () => {
      if (this.#open > 0) return;
      for (const slot of this.#slots) if (slot.state === 'ready') void slot.close();
    });
  }
}

/** How a kill went, by how the task ended. */
const KILL_ANSWERS: Partial<Record<ThreadTaskEnd['status'], CancelAnswer>> = {
  killed: 'cancelled',
  unknown: 'unsupported',
};
