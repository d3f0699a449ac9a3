/** The main thread's end of the control pipe: messages in from the control thread, messages out by blocking writes. */
import { writevSync } from 'node:fs';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { frameParts } from '../pipe/frame-parts.js';
import { type Message, packMessage, unpackMessage } from '../wire/message.js';
import type { ControlThreadData } from './control-thread.js';
import type { HostArguments } from './host-arguments.js';

export interface IncomingMessage extends Message {
  readonly buffers: readonly Uint8Array[];
}

/**
 * Writes block: the child runs one call at a time, so a parent that reads slowly slows that call and nothing else,
 * and a message written before the process ends has left it.
 */
export class ControlChannel {
  readonly #port: MessagePort;
  readonly #arrivals = new Int32Array(new SharedArrayBuffer(4));
  readonly #onMessage: (message: IncomingMessage) => void;
  readonly #fdOut: number;
  #handled = 0;

  constructor(options: HostArguments, onMessage: (message: IncomingMessage) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#onMessage = onMessage;
    this.#fdOut = options.fdOut;
    this.#port = port1;
    const workerData: ControlThreadData = {
      port: port2,
      fdIn: options.fdIn,
      arrivals: this.#arrivals,
      memoryBytesMax: options.memoryBytesMax,
    };
    const thread = new Worker(new URL('./control-thread.js', import.meta.url), {
      workerData,
      transferList: [port2],
      stdin: false,
    });
    thread.once('error', (error) => {
      process.stderr.write(`anant host child: the control pipe is broken: ${error.message}\n`);
      process.kill(process.pid, 'SIGKILL');
    });
    port1.on('message', (parts: Uint8Array[]) => this.#deliver(parts));
  }

  /** Handles what has arrived while the event loop was busy; costs one atomic read when nothing has. */
  poll(): void {
    while (Atomics.load(this.#arrivals, 0) > this.#handled) {
      const received = receiveMessageOnPort(this.#port);
      if (!received) return;
      this.#deliver(received.message as Uint8Array[]);
    }
  }

  send(kind: string, body: object, buffers: readonly Uint8Array[] = []): void {
    writeAll(this.#fdOut, frameParts(packMessage(kind, body), buffers));
  }

  #deliver(parts: Uint8Array[]): void {
    this.#handled += 1;
    const message = unpackMessage(parts[0] as Uint8Array);
    this.#onMessage({ ...message, buffers: parts.slice(1) });
  }
}

const CHUNKS_PER_WRITE_MAX = 512;

function writeAll(fd: number, chunks: Uint8Array[]): void {
  let pending = chunks;
  while (pending.length > 0) {
    const batch = pending.slice(0, CHUNKS_PER_WRITE_MAX);
    pending = dropWritten(pending, writevSync(fd, batch));
  }
}

function dropWritten(chunks: Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes;
  for (let at = 0; at < chunks.length; at += 1) {
    const chunk = chunks[at] as Uint8Array;
    if (left < chunk.byteLength) return [chunk.subarray(left), ...chunks.slice(at + 1)];
    left -= chunk.byteLength;
  }
  return [];
}
