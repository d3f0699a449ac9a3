/** Reads the messages of `EventWriter`. */
import type { AttemptOutcome, GpuDevice, RemoteErrorData } from '@anant/core';
import { decodeMessage } from '@anant/core/codec';
import { RecordReader } from '../../embedded/thread/record.js';
import { EVENT, type EventKey } from './event-writer.js';

export type DataEvent = EventKey &
  (
    | { readonly type: 'start' | 'heartbeat' }
    | {
        readonly type: 'progress';
        readonly done: number;
        readonly total: number;
        readonly note: string | undefined;
      }
    | { readonly type: 'device'; readonly device: GpuDevice }
    | { readonly type: 'item'; readonly sequence: number; readonly value: unknown }
    | { readonly type: 'result'; readonly outcome: AttemptOutcome }
  );

export interface EventSender {
  readonly worker: string;
  readonly address: string;
}

/** Who wrote a message. @throws TypeError, RangeError or AnantError when it is malformed */
export function readSender(payload: Uint8Array): EventSender {
  const [worker, address] = decodeMessage(payload.subarray(2, senderEnd(payload))) as unknown[];
  return { worker: String(worker), address: String(address) };
}

const senderEnd = (payload: Uint8Array): number =>
  2 + new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getUint16(0);

/** @throws TypeError, RangeError or AnantError when the payload is malformed */
export function* readEvents(payload: Uint8Array, buffers: readonly Uint8Array[]): Generator<DataEvent> {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const reader = new RecordReader({ bytes: payload, view }, senderEnd(payload));
  let taken = 0;
  while (reader.offset < payload.byteLength) {
    const at = reader.offset;
    const type = view.getUint8(at);
    const number = view.getUint32(at + 1);
    const epoch = readUint48(view, at + 5);
    const counter = readUint48(view, at + 11);
    reader.offset = at + 17;
    // Properties one by one, here and below: a spread would cost more than all the rest.
    switch (type) {
      case EVENT.start:
        yield { number, epoch, counter, type: 'start' };
        break;
      case EVENT.heartbeat:
        yield { number, epoch, counter, type: 'heartbeat' };
        break;
      case EVENT.item:
      case EVENT.ok: {
        const sequence = view.getUint32(reader.offset);
        const count = view.getUint16(reader.offset + 4);
        reader.offset += 6;
        const value = reader.read(buffers.slice(taken, taken + count));
        taken += count;
        if (type === EVENT.item) yield { number, epoch, counter, type: 'item', sequence, value };
        else yield { number, epoch, counter, type: 'result', outcome: { status: 'ok', value } };
        break;
      }
      default:
        yield { number, epoch, counter, ...readMessage(type, readBody(reader)) };
    }
  }
}

type Unkeyed<Event> = Event extends unknown ? Omit<Event, keyof EventKey> : never;

function readMessage(type: number, body: unknown): Unkeyed<DataEvent> {
  const parts = body as readonly unknown[];
  switch (type) {
    case EVENT.progress: {
      const [done, total, note] = parts;
      return {
        type: 'progress',
        done: Number(done),
        total: Number(total),
        note: typeof note === 'string' ? note : undefined,
      };
    }
    case EVENT.reference: {
      const [object, bytes] = parts;
      const outcome = { status: 'ok-reference', object: String(object), bytes: Number(bytes) } as const;
      return { type: 'result', outcome };
    }
    case EVENT.error:
      return { type: 'result', outcome: { status: 'app-error', error: body as RemoteErrorData } };
    case EVENT.device:
      return { type: 'device', device: body as GpuDevice };
    case EVENT.end:
      return { type: 'result', outcome: body as AttemptOutcome };
    default:
      throw new TypeError(`${type} is no event.`);
  }
}

function readBody(reader: RecordReader): unknown {
  const { bytes, view } = reader.area;
  const length = view.getUint32(reader.offset + 1);
  const start = reader.offset + 5;
  reader.offset = start + length;
  return decodeMessage(bytes.subarray(start, start + length));
}

function readUint48(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}
