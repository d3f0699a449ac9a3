/** Runs the tasks of one slot inside its thread, one at a time and in order, and tells the main thread how each ended. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type MessagePort, receiveMessageOnPort, type TransferListItem } from 'node:worker_threads';
import { openIterator, type TaskLoader } from '@anant/bridge/host';
import {
  AnantError,
  callKernel,
  describeError,
  type TypeScriptReference,
  type WasmMemory,
} from '@anant/core';
import { type EncodedValue, encodedBytes, encodeValue } from '@anant/core/codec';
import { pumpStream } from '../pump-stream.js';
import type {
  BatchMessage,
  FromThread,
  KernelMessage,
  OutputKind,
  SessionStart,
  ThreadEnd,
  ToThread,
  WireValue,
} from './messages.js';
import { bodyRecordBytes, isPlain, type RecordArea, RecordReader, writeBody, writePlain } from './record.js';
import { CELL_RECORD_BYTES_MAX, CLAIM, SlotMemory } from './slot-memory.js';
import { ThreadCall, type ThreadCallHost } from './thread-call.js';
import { type AnyFunction, ThreadDefinitions } from './thread-definitions.js';
import { refusalOf } from './thread-loss.js';

/** Longest a finished result of a batch waits for its bell. */
const BELL_MS_MAX = 2;

/** Position in a batch: the task to run next and the reader standing at its input. */
interface Cursor {
  readonly batch: BatchMessage;
  readonly reader: RecordReader;
  index: number;
}

/** A kernel call with the memory that its number stood for when it came. */
type KernelCall = Omit<KernelMessage, 'memory'> & { readonly memory: WasmMemory };

export class ThreadSession implements ThreadCallHost {
  /** Resolves when the main thread closes the session. */
  readonly closed: Promise<void>;
  readonly #port: MessagePort;
  readonly #memory: SlotMemory;
  readonly #area: RecordArea;
  readonly #start: SessionStart;
  readonly #running = new AsyncLocalStorage<ThreadCall>();
  readonly #definitions: ThreadDefinitions;
  readonly #memories = new Map<number, WasmMemory>();
  readonly #queue: (BatchMessage | KernelCall)[] = [];
  #call: ThreadCall | undefined;
  #isDraining = false;
  #isRetired = false;
  #lastBellMs = 0;
  #taskStartMs = 0;

  constructor(start: SessionStart, loader: TaskLoader, threadId: number) {
    this.#start = start;
    this.#port = start.port;
    this.#memory = new SlotMemory(start.memory);
    this.#definitions = new ThreadDefinitions(loader);
    this.closed = new Promise((resolve) => this.#port.once('close', resolve));
    this.#port.on('message', (message: ToThread) => {
      this.#receive(message);
      if (!this.#isDraining) void this.#drain();
    });
    this.#port.on('messageerror', (error) => this.escaped(error));
    this.#area = { bytes: this.#memory.cells, view: this.#memory.view };
    this.#post({ kind: 'ready', threadId });
  }

  /** Takes an exception that nobody caught. */
  escaped(thrown: unknown): void {
    const owner = this.#running.getStore() ?? this.#call;
    const error = describeError(thrown);
    this.#isRetired = true;
    if (owner?.isOpen) this.#endPosted(owner, { status: 'app-error', error });
    this.#post({ kind: 'retire', reason: error.traceback ?? `${error.type}: ${error.message}` });
  }

  #receive(message: ToThread): void {
    switch (message.kind) {
      case 'batch':
        this.#queue.push(message);
        return;
      case 'kernel':
        this.#queue.push({ ...message, memory: this.#memories.get(message.memory)! });
        return;
      case 'memory':
        this.#memories.set(message.number, message.memory);
        return;
      case 'forget-memory':
        this.#memories.delete(message.number);
        return;
      case 'define':
        this.#definitions.set(message.id, message.definition);
        return;
      case 'forget-definitions':
        this.#definitions.clear();
        return;
      case 'cancel':
        if (this.#call?.task === message.task) this.#call.open.cancel();
        return;
      case 'credit':
        if (this.#call?.task === message.task) this.#call.open.credits.grant(message.credits);
        return;
      case 'construct':
        void this.#construct(message.reference, message.input);
        return;
      case 'close':
        this.#port.close();
    }
  }

  /** Handles messages that came while user code kept the event loop busy. */
  poll(): void {
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      this.#receive(next.message as ToThread);
    }
  }

  async #drain(): Promise<void> {
    this.#isDraining = true;
    while (!this.#isRetired) {
      const message = this.#queue.shift() ?? this.#lookForNext();
      if (!message) break;
      this.#taskStartMs = performance.now();
      const pending = message.kind === 'batch' ? this.#runBatch(startOf(message)) : this.#runKernel(message);
      if (pending) await pending;
    }
    this.#isDraining = false;
  }

  /** Before it sleeps, a thread looks for the next message for a moment: waking it up would take longer. */
  #lookForNext(): BatchMessage | KernelCall | undefined {
    const seen = this.#memory.requests;
    this.poll();
    if (this.#queue.length > 0 || this.#start.spinUs === 0) return this.#queue.shift();
    const endMs = performance.now() + this.#start.spinUs / 1000;
    while (this.#memory.requests === seen && performance.now() < endMs);
    this.poll();
    return this.#queue.shift();
  }

  #runBatch(cursor: Cursor): Promise<void> | undefined {
    const { batch, reader } = cursor;
    while (cursor.index < batch.ids.length && !this.#isRetired) {
      const index = cursor.index;
      cursor.index += 1;
      if (!this.#memory.take(batch.first + index, CLAIM.started)) {
        reader.skip();
        continue;
      }
      const pending = this.#runTask(cursor, index);
      if (pending) return pending.then(() => this.#runBatch(cursor));
    }
    this.#bell();
    return undefined;
  }

  /** Runs one task. @returns a promise when it has not ended yet. */
  #runTask({ batch, reader }: Cursor, index: number): Promise<void> | undefined {
    const defined = this.#definitions.get(batch.definitions[index]!);
    const call = this.#makeCall(batch.first + index, batch.ids[index]!, batch.attempts[index]!);
    const input = reader.read(batch.buffers.get(index));
    const output = batch.outputs.get(index) ?? 'value';
    if (defined.run) return this.#invoke(call, defined.run, input, output);
    this.#post({ kind: 'start', task: call.task });
    return defined.ready!.then(() => {
      if (defined.run) return this.#invoke(call, defined.run, input, output);
      this.#endPosted(call, refusalOf(defined.failure));
      return undefined;
    });
  }

  #makeCall(task: number, id: string, attempt: number): ThreadCall {
    const call = new ThreadCall(this, task, id, attempt);
    this.#call = call;
    return call;
  }

  /** Sends what a call reports. */
  report(call: ThreadCall, kind: string, body: object): void {
    this.#post({ ...body, kind, task: call.task } as FromThread);
  }

  #invoke(call: ThreadCall, run: AnyFunction, input: unknown, output: OutputKind): Promise<void> | undefined {
    let result: unknown;
    try {
      result = this.#running.run(call, run, input, call);
    } catch (thrown) {
      this.#endThrown(call, thrown);
      return undefined;
    }
    if (output !== 'stream' && !isThenable(result)) {
      this.#endOk(call, result, output);
      return undefined;
    }
    return this.#settle(call, result, output);
  }

  /** Waits for a result that takes time; the call may be ended from outside meanwhile. */
  #settle(call: ThreadCall, result: unknown, output: OutputKind): Promise<void> {
    this.#post({ kind: 'start', task: call.task });
    const wait = async (): Promise<void> => {
      try {
        if (output === 'stream') await this.#running.run(call, () => this.#pump(call, result));
        else this.#endOk(call, await result, output);
      } catch (thrown) {
        this.#endThrown(call, thrown);
      }
    };
    return new Promise((resolve) => {
      call.onEnd = resolve;
      void wait();
    });
  }

  async #pump(call: ThreadCall, result: unknown): Promise<void> {
    let items: AsyncIterator<unknown> | Iterator<unknown>;
    try {
      items = openIterator(result);
    } catch (thrown) {
      this.#endPosted(call, refusalOf(thrown));
      return;
    }
    await pumpStream(call, items, (sequence, item) => {
      const { copy, transfer } = copyOut(this.#encode(item, 'item'), 'value');
      this.#post({ kind: 'item', task: call.task, sequence, value: copy }, transfer);
    });
    this.#endPosted(call, { status: 'ok', value: undefined });
  }

  #runKernel(message: KernelCall): undefined {
    if (!this.#memory.take(message.task, CLAIM.started)) return undefined;
    const call = this.#makeCall(message.task, '', 0);
    const { kernel } = this.#definitions.get(message.definition);
    try {
      this.#endOk(call, callKernel(kernel!, message.memory, message.arguments), 'value');
    } catch (thrown) {
      const isTrap = AnantError.is(thrown, 'E_KERNEL_TRAP');
      this.#endPosted(
        call,
        isTrap ? { status: 'app-error', error: describeError(thrown) } : refusalOf(thrown),
      );
    }
    this.#bell();
    return undefined;
  }

  #endOk(call: ThreadCall, result: unknown, output: OutputKind): void {
    if (!call.isOpen) return;
    try {
      if (isPlain(result) && !call.isObserved) this.#endPlain(call, result);
      else this.#endEncoded(call, this.#encode(result, 'result'), output);
    } catch (thrown) {
      this.#endThrown(call, thrown);
    }
  }

  #endPlain(call: ThreadCall, result: unknown): void {
    writePlain(this.#area, this.#memory.recordOffset(call.task), result);
    this.#endInCell(call);
  }

  #endEncoded(call: ThreadCall, value: EncodedValue, output: OutputKind): void {
    const fits = value.buffers.length === 0 && bodyRecordBytes(value.body) <= CELL_RECORD_BYTES_MAX;
    if (fits && !call.isObserved) {
      writeBody(this.#area, this.#memory.recordOffset(call.task), value.body);
      this.#endInCell(call);
      return;
    }
    const { copy, transfer } = copyOut(value, output);
    this.#endPosted(call, { status: 'ok', value: copy }, transfer);
  }

  #endInCell(call: ThreadCall): void {
    this.#memory.setDurationUs(call.task, this.#lapUs());
    this.#memory.setClaim(call.task, CLAIM.done);
    if (this.#taskStartMs - this.#lastBellMs > BELL_MS_MAX) this.#bell();
    this.#finish(call);
  }

  #endPosted(call: ThreadCall, end: ThreadEnd, transfer: readonly TransferListItem[] = []): void {
    if (!call.isOpen) return;
    call.close();
    this.#post({ kind: 'end', task: call.task, end, durationUs: this.#lapUs() }, transfer);
    this.#memory.setClaim(call.task, CLAIM.posted);
    this.#finish(call);
  }

  #endThrown(call: ThreadCall, thrown: unknown): void {
    if (call.isCancellation(thrown)) this.#endPosted(call, { status: 'cancelled' });
    else this.#endPosted(call, { status: 'app-error', error: describeError(thrown) });
  }

  #finish(call: ThreadCall): void {
    call.close();
    if (this.#call === call) this.#call = undefined;
    call.onEnd?.();
  }

  /** Time since the last end, in microseconds: tasks run one after the other. */
  #lapUs(): number {
    const nowMs = performance.now();
    const lapMs = nowMs - this.#taskStartMs;
    this.#taskStartMs = nowMs;
    return lapMs * 1000;
  }

  #encode(value: unknown, name: string): EncodedValue {
    const encoded = encodeValue(value, name);
    const bytes = encodedBytes(encoded);
    const max = this.#start.payloadBytesMax;
    if (bytes <= max) return encoded;
    throw new AnantError(
      'E_PAYLOAD_TOO_LARGE',
      `The ${name} takes ${bytes} bytes; at most ${max} can be carried.`,
      {
        advice: 'Return less, stream it in parts, or raise payloadBytesMax.',
        details: { bytes, max },
      },
    );
  }

  async #construct(reference: TypeScriptReference, input: WireValue): Promise<void> {
    this.#post({ kind: 'constructed', end: await this.#definitions.construct(reference, input) });
  }

  #bell(): void {
    this.#lastBellMs = this.#taskStartMs;
    if (!this.#memory.isPolled && this.#memory.ring()) this.#post({ kind: 'bell' });
  }

  #post(message: FromThread, transfer: readonly TransferListItem[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

const startOf = (batch: BatchMessage): Cursor => {
  const { buffer, byteOffset, byteLength } = batch.records;
  const view = new DataView(buffer, byteOffset, byteLength);
  return { batch, reader: new RecordReader({ bytes: batch.records, view }), index: 0 };
};

const isThenable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** Copies buffers that user code may still hold; into shared memory for the object store. */
function copyOut(
  value: EncodedValue,
  output: OutputKind,
): { readonly copy: WireValue; readonly transfer: readonly TransferListItem[] } {
  const transfer: ArrayBuffer[] = [];
  const buffers = value.buffers.map((source) => {
    const isShared = output === 'reference';
    const memory = isShared ? new SharedArrayBuffer(source.byteLength) : new ArrayBuffer(source.byteLength);
    if (memory instanceof ArrayBuffer) transfer.push(memory);
    const target = new Uint8Array(memory);
    target.set(source);
    return target;
  });
  return { copy: { body: value.body, buffers }, transfer };
}
