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
import { SentMemories } from './sent-memories.js';
import { CLAIM, SlotMemory } from './slot-memory.js';
import { TaskRing } from './task-ring.js';
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

/** Settles when the thread has ended; ended threads have no id. */
async function exitOf(thread: Worker): Promise<void> {
  if (thread.threadId === -1) return;
  await new Promise<void>((resolve) => thread.once('exit', () => resolve()));
}

export class ThreadSlot {
  readonly name: string;
  readonly #options: ThreadSlotOptions;
  readonly #ring = new TaskRing();
  readonly #known = new Set<number>();
  readonly #memories = new SentMemories((message) => this.#post(message));
  #memory = new SlotMemory();
  #cells = cellsOf(this.#memory);
  #session: Session | undefined;
  #stopReason: string | undefined;
  #stalledAt = -1;
  /** Number of the last task whose start was reported. */
  #reported = -1;
  #state: 'closed' | 'opening' | 'ready' | 'ending' = 'closed';
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
    return this.#ring.size;
  }

  /** Estimated work under way, in microseconds. */
  get workUs(): number {
    return this.#ring.workUs;
  }

  /** Tasks that can still be sent. */
  get room(): number {
    return this.#ring.room;
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
    port1.on('messageerror', () => void this.kill('A message from its thread could not be read.'));
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
    const first = this.#ring.next;
    for (const task of tasks) this.#enter(task);
    const { message, transfer } = packBatch(first, tasks);
    this.#post(message, transfer);
  }

  /** Sends a kernel call. */
  sendKernel(task: ThreadTask): void {
    const { memory, layout } = task.kernel!;
    const number = this.#ring.next;
    this.#enter(task);
    const known = { definition: task.definition.id, memory: this.#memories.numberOf(memory.memory) };
    this.#post({ kind: 'kernel', task: number, ...known, arguments: layout.arguments });
  }

  /** Forgets which definitions the thread knows: their numbers are given out anew. */
  forgetDefinitions(): void {
    this.#known.clear();
    if (this.#session) this.#post({ kind: 'forget-definitions' });
  }

  /** Reads results that wait in shared memory. */
  drain(): void {
    const ring = this.#ring;
    this.#memory.unring();
    for (let task = ring.advance(); task; task = ring.advance()) {
      const number = ring.oldest;
      const claim = this.#memory.claim(number);
      if (claim === CLAIM.done) this.#readCell(number, task);
      else if (claim === CLAIM.posted) this.#receivePosted();
      if (ring.at(number) !== task) continue;
      if (claim === CLAIM.started) this.#reportStart(number, task);
      return;
    }
  }

  /** Whether a task ended that `drain` has not read yet. */
  get hasNews(): boolean {
    const claim = this.#memory.claim(this.#ring.oldest);
    return this.#ring.size > 0 && claim !== CLAIM.waiting && claim !== CLAIM.started;
  }

  /** Whether somebody must look here from time to time: a task's start is not reported, or tasks wait behind one. */
  get needsLook(): boolean {
    const { size, oldest } = this.#ring;
    return size > 1 || (size === 1 && this.#reported !== oldest);
  }

  /** Whether the same task runs as at the last call while others wait behind it. */
  isStalled(): boolean {
    const { size, oldest } = this.#ring;
    const at = this.#stalledAt;
    this.#stalledAt = size > 1 && this.#state === 'ready' ? oldest : -1;
    return at >= 0 && at === oldest && size > 1;
  }

  /** Counts the task that runs, if one does, as this much work: it takes longer than was thought. */
  markBusy(us: number): void {
    this.#ring.raiseWork(us);
  }

  /** Takes back every task the thread has not begun. */
  withdraw(): ThreadTask[] {
    const taken: ThreadTask[] = [];
    for (let number = this.#ring.oldest; number < this.#ring.next; number += 1) {
      const task = this.#ring.at(number);
      if (task && this.#memory.take(number, CLAIM.withdrawn)) {
        taken.push(task);
        this.#remove(number, task);
      }
    }
    this.#ring.advance();
    return taken;
  }

  /** Takes one task back. @returns `false` when the thread has begun it or it is not here. */
  withdrawOne(task: ThreadTask): boolean {
    const number = this.#ring.numberOf(task);
    if (number === undefined || !this.#memory.take(number, CLAIM.withdrawn)) return false;
    this.#remove(number, task);
    this.#ring.advance();
    return true;
  }

  ask(task: ThreadTask): void {
    const number = this.#ring.numberOf(task);
    if (number !== undefined) this.#post({ kind: 'cancel', task: number });
  }

  credit(task: ThreadTask, credits: number): void {
    const number = this.#ring.numberOf(task);
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
    if (!(await within(session.ended, EXIT_MS_MAX))) await this.kill();
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
    // A bell that is taken off the port has been heard: the next one must be sent again.
    else if (message.kind === 'bell') this.#memory.unring();
    else this.#receiveOfTask(message);
  }

  #receiveOfTask(message: FromThread & { readonly task: number }): void {
    const task = this.#ring.at(message.task);
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
        task.attempt.runUs = message.durationUs;
        this.#end(message.task, task, message.end);
    }
  }

  #reportStart(number: number, task: ThreadTask): void {
    this.#reported = number;
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
    this.#cells.offset = this.#memory.recordOffset(number);
    const durationUs = this.#memory.durationUs(number);
    task.definition.estimate.add(durationUs);
    task.attempt.runUs = durationUs;
    this.#end(number, task, { status: 'plain', value: this.#cells.read() });
  }

  #end(number: number, task: ThreadTask, end: ThreadTaskEnd): void {
    this.#remove(number, task);
    this.#options.listener.taskEnd(task, end);
  }

  #enter(task: ThreadTask): void {
    this.#define(task);
    this.#memory.setClaim(this.#ring.next, CLAIM.waiting);
    this.#ring.enter(task);
    task.slot = this;
  }

  #remove(number: number, task: ThreadTask): void {
    this.#ring.remove(number, task);
    task.slot = undefined;
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
    this.#endRest({
      error,
      isGone,
      memoryBytesMax: this.#options.memoryBytesMax,
      stopReason: this.#stopReason,
    });
    session.port.close();
    this.#reset();
    this.#onConstructed?.(ACTOR_ENDED);
    this.#handBack(handedBack);
    this.#options.listener.changed(this, wasReady || session.abort.signal.aborted ? undefined : error);
  }

  #endRest(cause: ThreadLossCause): void {
    for (let task = this.#ring.advance(); task; task = this.#ring.advance()) {
      this.#end(this.#ring.oldest, task, describeLoss(task, cause));
    }
    if (cause.error === undefined) return;
    // A thread that has not ended yet may still write into the old memory.
    const { isPolled } = this.#memory;
    this.#memory = new SlotMemory();
    this.#memory.isPolled = isPolled;
    this.#cells = cellsOf(this.#memory);
  }

  #reset(): void {
    this.#session = undefined;
    this.#stopReason = undefined;
    this.#known.clear();
    this.#memories.clear();
    this.#state = 'closed';
  }
}

const ACTOR_ENDED: ThreadEnd = {
  status: 'refused',
  code: 'E_WORKER_EXITED',
  reason: 'The thread of the actor ended.',
};

const cellsOf = ({ cells, view }: SlotMemory): RecordReader => new RecordReader({ bytes: cells, view });
