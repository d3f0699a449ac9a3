/**
 * The thread of the host child that reads the control pipe. It is a thread of its own so that the child ends at
 * once when its parent is gone or its memory limit is exceeded, even while a task never yields.
 */
import { Socket } from 'node:net';
import { type MessagePort, type TransferListItem, workerData } from 'node:worker_threads';
import { PartReader } from '../pipe/part-reader.js';

/** Passed to the thread as worker data. */
export interface ControlThreadData {
  readonly port: MessagePort;
  readonly fdIn: number;
  /** One counter of messages read so far, for the main thread to look at without waiting. */
  readonly arrivals: Int32Array;
  readonly memoryBytesMax: number | undefined;
}

const CHUNK_BYTES = 256 * 1024;
const MEMORY_CHECK_MS = 50;
/** What the Node runtime itself takes before any task runs. */
const RUNTIME_BYTES = 96 * 1024 * 1024;
const ABORT_GRACE_MS = 100;

const { port, fdIn, arrivals, memoryBytesMax } = workerData as ControlThreadData;

const reader = new PartReader((parts) => {
  port.postMessage(
    parts,
    parts.map((part) => part.buffer as TransferListItem),
  );
  Atomics.add(arrivals, 0, 1);
});

const end = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const pipe = new Socket({
  fd: fdIn,
  readable: true,
  writable: false,
  onread: {
    buffer: new Uint8Array(CHUNK_BYTES),
    callback: (bytes: number, buffer: Uint8Array) => {
      reader.feed(buffer.subarray(0, bytes));
      return true;
    },
  },
} as ConstructorParameters<typeof Socket>[0]);
pipe.once('end', end);
pipe.once('close', end);
pipe.once('error', end);
pipe.resume();

if (memoryBytesMax !== undefined) {
  setInterval(() => {
    const residentBytes = process.memoryUsage.rss();
    if (residentBytes <= memoryBytesMax + RUNTIME_BYTES) return;
    process.stderr.write(
      `anant host child: ${residentBytes} bytes resident exceed the limit of ${memoryBytesMax} beside the runtime; ending.\n`,
    );
    process.kill(process.pid, 'SIGABRT');
    // User code may have a handler for SIGABRT.
    setTimeout(end, ABORT_GRACE_MS);
  }, MEMORY_CHECK_MS);
}
