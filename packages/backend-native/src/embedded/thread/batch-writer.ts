/** Packs tasks into one message for a slot's thread. */
import type { BatchMessage, OutputKind } from './messages.js';
import { bodyRecordBytes, PLAIN_BYTES_MAX, writeBody, writePlain } from './record.js';
import type { ThreadTask } from './thread-task.js';

export interface PackedBatch {
  readonly message: BatchMessage;
  readonly transfer: readonly ArrayBuffer[];
}

const NO_BUFFERS: ReadonlyMap<number, readonly Uint8Array[]> = new Map();
const NO_OUTPUTS: ReadonlyMap<number, OutputKind> = new Map();

/** @param first number of the first task; the others follow it. */
export function packBatch(first: number, tasks: readonly ThreadTask[]): PackedBatch {
  const records = new Uint8Array(recordBytes(tasks));
  const area = { bytes: records, view: new DataView(records.buffer) };
  const transfer: ArrayBuffer[] = [];
  const count = tasks.length;
  const definitions = new Array<number>(count);
  const ids = new Array<string>(count);
  const attempts = new Array<number>(count);
  let buffers: Map<number, readonly Uint8Array[]> | undefined;
  let outputs: Map<number, OutputKind> | undefined;
  let offset = 0;
  for (let i = 0; i < count; i += 1) {
    const { input, output, definition, attempt } = tasks[i]!;
    definitions[i] = definition.id;
    ids[i] = attempt.envelope.id;
    attempts[i] = attempt.envelope.attempt;
    if (output !== 'value') outputs = (outputs ?? new Map()).set(i, output);
    if (input.kind === 'plain') {
      offset = writePlain(area, offset, input.value);
      continue;
    }
    offset = writeBody(area, offset, input.encoded.body);
    if (input.encoded.buffers.length > 0) {
      buffers = (buffers ?? new Map()).set(
        i,
        input.encoded.buffers.map((source) => sendable(source, transfer)),
      );
    }
  }
  const message: BatchMessage = {
    kind: 'batch',
    first,
    definitions,
    ids,
    attempts,
    records: records.subarray(0, offset),
    buffers: buffers ?? NO_BUFFERS,
    outputs: outputs ?? NO_OUTPUTS,
  };
  return { message, transfer };
}

/** Shared memory goes as it is; anything else is copied once, so that the copy can be moved. */
export function sendable(source: Uint8Array, transfer: ArrayBuffer[]): Uint8Array {
  if (source.buffer instanceof SharedArrayBuffer) return source;
  const copy = new Uint8Array(source);
  transfer.push(copy.buffer);
  return copy;
}

function recordBytes(tasks: readonly ThreadTask[]): number {
  let bytes = 0;
  for (const { input } of tasks) {
    bytes += input.kind === 'plain' ? PLAIN_BYTES_MAX : bodyRecordBytes(input.encoded.body);
  }
  return bytes;
}
