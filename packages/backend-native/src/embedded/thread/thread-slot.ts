/**
 * One slot: a session on a thread that piscina manages. Holds the tasks on their way, reads results from shared
 * memory, and settles every task when the thread dies: what ran is lost, what had not begun is handed back.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import type { TypeScriptReference } from '@anant/core';
import { decodeValue } from '@anant/core/codec';
import type { Piscina } from 'piscina';
import { within } from '../within.js';
import { packBatch } from './batch-writer.js';
import type { FromThread, SessionStart, ThreadEnd, ToThread, WireValue } from './messages.js';
import { RecordReader } from './record.js';
import { CLAIM, SLOT_TASKS_MAX, SlotMemory } from './slot-memory.js';
import { describeLoss, type ThreadLossCause } from './thread-loss.js';
import type { SlotListener, ThreadTask, ThreadTaskEnd } from './thread-task.js';

/** Longest wait for a thread that was told to end. */
const EXIT_MS_MAX = 2_000;

export interface ThreadSlotOptions {
  readonly name: string;
  readonly pool: Piscina;
  readonly listener: SlotListener;
  readonly payloadBytesMax: number;
  readonly spinUs: number;
  readonly memoryBytesMax: number | undefined;
}

interface Session {
  readonly port: MessagePort;
  readonly abort: AbortController;
  /** Settles when the thread no longer serves this session and everything it sent was read. */
  readonly ended: Promise<void>;
  thread: Worker | undefined;
}

const indexOf = (number: number): number => number & (SLOT_TASKS_MAX - 1);

/** Settles when the thread has ended; ended threads have no id. */
async function exitOf(thread: Worker): Promise<void> {
  if (thread.threadId === -1) return;
  await new Promise<void>((resolve) => thread.once('exit', () => resolve()));
}

export class ThreadSlot {
  readonly name: string;
  readonly #options: ThreadSlotOptions;
  readonly #memory = new SlotMemory();
  readonly #tasks: (ThreadTask | undefined)[] = new Array(SLOT_TASKS_MAX);
  readonly #known = new Set<number>();
  #session: Session | undefined;
  #stopReason: string | undefined;
  #stalledAt = -1;
  /** Number of the last task whose start was reported. */
  #reported = -1;
  #state: 'closed' | 'opening' | 'ready' | 'ending' = 'closed';
  /** Number of the next task to send, and of the oldest that may be under way. */
  #next = 0;
  #oldest = 0;
  #underWay = 0;
  #workUs = 0;
  #onConstructed: ((end: ThreadEnd) => void) | undefined;

  constructor(options: ThreadSlotOptions) {
    this.#options = options;
    this.name = options.name;
  }

  get state(): 'closed' | 'opening' | 'ready' | 'ending' {
    return this.#state;
  }

  /** Tasks sent that have not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Estimated work under way, in microseconds. */
  get workUs(): number {
    return this.#workUs;
  }

  /** Tasks that can still be sent. */
  get room(): number {
    return SLOT_TASKS_MAX - (this.#next - this.#oldest);
  }

  set isPolled(polled: boolean) {
    this.#memory.isPolled = polled;
  }

  /** Opens a session; `changed` tells when it is ready. */
  open(): void {
    this.#state = 'opening';
    this.#memory.unring();
    const { port1, port2 } = new MessageChannel();
    const abort = new AbortController();
    port1.on('message', (message: FromThread) => {
      this.#receive(message);
      this.drain();
    });
    const { payloadBytesMax, spinUs, pool } = this.#options;
    const start: SessionStart = { port: port2, memory: this.#memory.buffer, payloadBytesMax, spinUs };
    const run = pool.run(start, { name: 'runSession', transferList: [port2], signal: abort.signal });
    const session: Session = {
      port: port1,
      abort,
      thread: undefined,
      ended: run.then(
        () => this.#sessionEnded(session, undefined),
        (error: Error) => this.#sessionEnded(session, error),
      ),
    };
    this.#session = session;
  }

  /** Makes the slot the home of an actor. */
  construct(reference: TypeScriptReference, input: WireValue): Promise<ThreadEnd> {
    return new Promise((resolve) => {
      this.#onConstructed = resolve;
      this.#post({ kind: 'construct', reference, input });
    });
  }

  /** Sends tasks as one message. The caller has checked `state` and `room`. */
  send(tasks: readonly ThreadTask[]): void {
    const first = this.#next;
    for (const task of tasks) this.#enter(task);
    const { message, transfer } = packBatch(first, tasks);
    this.#post(message, transfer);
  }

  /** Sends a kernel call. */
  sendKernel(task: ThreadTask): void {
    const { memory, layout } = task.kernel!;
    const number = this.#next;
    this.#enter(task);
    const definition = task.definition.id;
    this.#post({
      kind: 'kernel',
      task: number,
      definition,
      memory: memory.memory,
      arguments: layout.arguments,
    });
  }

  /** Forgets which definitions the thread knows: their numbers are given out anew. */
  forgetDefinitions(): void {
    this.#known.clear();
    if (this.#session) this.#post({ kind: 'forget-definitions' });
  }

  /** Reads results that wait in shared memory. @returns how many tasks ended. */
  drain(): number {
    const before = this.#underWay;
    this.#memory.unring();
    for (; this.#oldest < this.#next; this.#oldest += 1) {
      const task = this.#taskAt(this.#oldest);
      if (!task) continue;
      const claim = this.#memory.claim(this.#oldest);
      if (claim === CLAIM.done) this.#readCell(this.#oldest, task);
      else if (claim === CLAIM.posted) this.#receivePosted();
      if (this.#taskAt(this.#oldest) === task) {
        if (claim === CLAIM.started) this.#reportStart(task);
        break;
      }
    }
    return before - this.#underWay;
  }

  /** Whether a task ended that `drain` has not read yet. */
  get hasNews(): boolean {
    const claim = this.#memory.claim(this.#oldest);
    return this.#underWay > 0 && claim !== CLAIM.waiting && claim !== CLAIM.started;
  }

  /** Whether somebody must look here from time to time: a task's start is not reported, or tasks wait behind one. */
  get needsLook(): boolean {
    return this.#underWay > 1 || (this.#underWay === 1 && this.#reported !== this.#oldest);
  }

  /** Whether the same task runs as at the last call while others wait behind it. */
  isStalled(): boolean {
    const at = this.#stalledAt;
    this.#stalledAt = this.#underWay > 1 && this.#state === 'ready' ? this.#oldest : -1;
    return at >= 0 && at === this.#oldest && this.#underWay > 1;
  }

  /** Counts the task that runs, if one does, as this much work: it takes longer than was thought. */
  markBusy(us: number): void {
    if (this.#underWay > 0) this.#workUs = Math.max(this.#workUs, us);
  }

  /** Takes back every task the thread has not begun. */
  withdraw(): ThreadTask[] {
    const taken: ThreadTask[] = [];
    for (let number = this.#oldest; number < this.#next; number += 1) {
      const task = this.#taskAt(number);
      if (task && this.#memory.take(number, CLAIM.withdrawn)) {
        taken.push(task);
        this.#clear(number, task);
      }
    }
    this.#skipCleared();
    return taken;
  }

  /** Takes one task back. @returns `false` when the thread has begun it or it is not here. */
  withdrawOne(task: ThreadTask): boolean {
    const number = this.#numberOf(task);
    if (number === undefined || !this.#memory.take(number, CLAIM.withdrawn)) return false;
    this.#clear(number, task);
    this.#skipCleared();
    return true;
  }

  ask(task: ThreadTask): void {
    const number = this.#numberOf(task);
    if (number !== undefined) this.#post({ kind: 'cancel', task: number });
  }

  credit(task: ThreadTask, credits: number): void {
    const number = this.#numberOf(task);
    if (number !== undefined) this.#post({ kind: 'credit', task: number, credits });
  }

  /**
   * Ends the thread; what it has not begun is handed back. Settles when it is gone and its tasks are settled.
   * @param reason why the task that runs is lost, when it is not the one to be killed.
   */
  async kill(reason?: string): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#state = 'ending';
    this.#stopReason ??= reason;
    this.drain();
    this.#handBack(this.withdraw());
    session.abort.abort();
    await session.ended;
  }

  /** Ends the session and keeps the thread for the next one. Only when no task is under way. */
  async close(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    this.#state = 'ending';
    this.#post({ kind: 'close' });
    await session.ended;
  }

  #define({ definition }: ThreadTask): void {
    if (this.#known.has(definition.id)) return;
    this.#known.add(definition.id);
    this.#post({ kind: 'define', id: definition.id, definition: definition.definition });
  }

  #post(message: ToThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#session?.port.postMessage(message, transfer as ArrayBuffer[]);
    this.#memory.addRequest();
  }

  #receive(message: FromThread): void {
    if (message.kind === 'ready') this.#ready(message.threadId);
    else if (message.kind === 'constructed') this.#onConstructed?.(message.end);
    else if (message.kind === 'retire') this.#retire(message.reason);
    else if (message.kind !== 'bell') this.#receiveOfTask(message);
  }

  #receiveOfTask(message: FromThread & { readonly task: number }): void {
    const task = this.#taskAt(message.task);
    if (!task) return;
    const { listener } = this.#options;
    // Whatever a task says, it has started.
    if (message.kind !== 'end') listener.taskStart(task, this.name);
    switch (message.kind) {
      case 'progress':
        listener.taskProgress(task, message.done, message.total, message.note);
        return;
      case 'heartbeat':
        listener.taskHeartbeat(task);
        return;
      case 'item':
        listener.taskItem(task, message.sequence, decodeValue(message.value.body, message.value.buffers));
        return;
      case 'end':
        task.definition.estimate.add(message.durationUs);
        this.#end(message.task, task, message.end);
    }
  }

  #reportStart(task: ThreadTask): void {
    this.#reported = this.#oldest;
    this.#options.listener.taskStart(task, this.name);
  }

  /** Reads messages until none is left: the end of a task is among them, since it was sent before its claim. */
  #receivePosted(): void {
    const port = this.#session?.port;
    if (!port) return;
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      this.#receive(next.message as FromThread);
    }
  }

  #readCell(number: number, task: ThreadTask): void {
    const offset = this.#memory.recordOffset(number);
    task.definition.estimate.add(this.#memory.durationUs(number));
    const value = new RecordReader({ bytes: this.#memory.cells, view: this.#memory.view }, offset).read();
    this.#end(number, task, { status: 'plain', value });
  }

  #end(number: number, task: ThreadTask, end: ThreadTaskEnd): void {
    this.#clear(number, task);
    this.#options.listener.taskEnd(task, end);
  }

  #enter(task: ThreadTask): void {
    this.#define(task);
    this.#memory.setClaim(this.#next, CLAIM.waiting);
    this.#tasks[indexOf(this.#next)] = task;
    this.#next += 1;
    this.#underWay += 1;
    this.#workUs += task.us;
    task.slot = this;
  }

  #clear(number: number, task: ThreadTask): void {
    this.#tasks[indexOf(number)] = undefined;
    this.#underWay -= 1;
    this.#workUs = this.#underWay === 0 ? 0 : Math.max(0, this.#workUs - task.us);
    task.slot = undefined;
  }

  /** Numbers in front whose tasks are gone can be given out again. */
  #skipCleared(): void {
    while (this.#oldest < this.#next && !this.#taskAt(this.#oldest)) this.#oldest += 1;
  }

  #taskAt(number: number): ThreadTask | undefined {
    if (number < this.#oldest || number >= this.#next) return undefined;
    return this.#tasks[indexOf(number)];
  }

  #numberOf(task: ThreadTask): number | undefined {
    for (let number = this.#oldest; number < this.#next; number += 1) {
      if (this.#taskAt(number) === task) return number;
    }
    return undefined;
  }

  #ready(threadId: number): void {
    const session = this.#session!;
    session.thread = this.#options.pool.threads.find((thread) => thread.threadId === threadId);
    if (this.#state !== 'opening') return;
    this.#state = 'ready';
    this.#options.listener.changed(this, undefined);
  }

  /** The thread's state is doubtful: it is replaced. */
  #retire(reason: string): void {
    this.#options.listener.retired(this, reason);
    void this.kill();
  }

  #handBack(tasks: readonly ThreadTask[]): void {
    if (tasks.length > 0) this.#options.listener.handedBack(tasks);
  }

  async #sessionEnded(session: Session, error: Error | undefined): Promise<void> {
    const wasReady = session.thread !== undefined;
    let isGone = true;
    if (error) {
      this.#state = 'ending';
      if (session.thread) isGone = await within(exitOf(session.thread), EXIT_MS_MAX);
    }
    this.drain();
    this.#receivePosted();
    const handedBack = this.withdraw();
    const { memoryBytesMax } = this.#options;
    const cause: ThreadLossCause = { error, isGone, memoryBytesMax, stopReason: this.#stopReason };
    for (let number = this.#oldest; number < this.#next; number += 1) {
      const task = this.#taskAt(number);
      if (task) this.#end(number, task, describeLoss(task, cause));
    }
    session.port.close();
    this.#session = undefined;
    this.#stopReason = undefined;
    this.#known.clear();
    this.#oldest = this.#next;
    this.#state = 'closed';
    this.#onConstructed?.({
      status: 'refused',
      code: 'E_WORKER_EXITED',
      reason: 'The thread of the actor ended.',
    });
    this.#handBack(handedBack);
    this.#options.listener.changed(this, wasReady || session.abort.signal.aborted ? undefined : error);
  }
}
