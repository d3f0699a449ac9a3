/** Writes what happens to attempts as one message: records one after the other, large arrays as frames beside them. */
import type { GpuDevice, RemoteErrorData } from '@anant/core';
import { encodeMessage, encodeValue } from '@anant/core/codec';
import {
  bodyRecordBytes,
  isPlain,
  PLAIN_BYTES_MAX,
  type RecordArea,
  writeBody,
  writePlain,
} from '../../embedded/thread/record.js';

/** What a record says. Numbers on the wire. */
export const EVENT = {
  start: 1,
  progress: 2,
  heartbeat: 3,
  item: 4,
  ok: 5,
  reference: 6,
  error: 7,
  end: 8,
  device: 9,
} as const;

/** Which attempt, and under which assignment; a counter of 0 means a call that no head assigned. */
export interface EventKey {
  readonly number: number;
  readonly epoch: number;
  readonly counter: number;
}

const KEY_BYTES = 1 + 4 + 6 + 6;
const BYTES_MIN = 4096;
/** A message of this size or so many frames is full: what follows goes into the next one. */
const MESSAGE_BYTES = 4 * 1024 * 1024;
const MESSAGE_FRAMES = 1024;

export class EventWriter {
  readonly #sender: Uint8Array;
  #area: RecordArea = areaOf(BYTES_MIN);
  #length = 0;
  #buffers: Uint8Array[] = [];

  /** @param worker who writes, by name and data address: the start of every message */
  constructor(worker: string, address: string) {
    const sender = encodeMessage([worker, address]);
    this.#sender = new Uint8Array(2 + sender.byteLength);
    new DataView(this.#sender.buffer).setUint16(0, sender.byteLength);
    this.#sender.set(sender, 2);
    this.#restart();
  }

  get isEmpty(): boolean {
    return this.#length === this.#sender.byteLength;
  }

  get isFull(): boolean {
    return this.#length >= MESSAGE_BYTES || this.#buffers.length >= MESSAGE_FRAMES;
  }

  start(key: EventKey): void {
    this.#begin(EVENT.start, key, 0);
  }

  heartbeat(key: EventKey): void {
    this.#begin(EVENT.heartbeat, key, 0);
  }

  device(key: EventKey, device: GpuDevice): void {
    this.#message(EVENT.device, key, device);
  }

  progress(key: EventKey, done: number, total: number, note: string | undefined): void {
    this.#message(EVENT.progress, key, [done, total, note ?? null]);
  }

  /** @throws AnantError when the value is not portable; nothing is written then */
  item(key: EventKey, sequence: number, value: unknown): void {
    this.#valued(EVENT.item, key, value, sequence);
  }

  /** @throws AnantError when the value is not portable; nothing is written then */
  ok(key: EventKey, value: unknown): void {
    this.#valued(EVENT.ok, key, value, 0);
  }

  reference(key: EventKey, object: string, bytes: number): void {
    this.#message(EVENT.reference, key, [object, bytes]);
  }

  error(key: EventKey, error: RemoteErrorData): void {
    this.#message(EVENT.error, key, error);
  }

  /** The end of a call that no head knows of, other than by a value or an error: an outcome as plain data. */
  end(key: EventKey, outcome: object): void {
    this.#message(EVENT.end, key, outcome);
  }

  /** Takes what was written. */
  take(): { readonly payload: Uint8Array; readonly buffers: readonly Uint8Array[] } {
    const payload = this.#area.bytes.slice(0, this.#length);
    const buffers = this.#buffers;
    this.#restart();
    return { payload, buffers };
  }

  #restart(): void {
    this.#buffers = [];
    this.#area.bytes.set(this.#sender);
    this.#length = this.#sender.byteLength;
  }

  #valued(type: number, key: EventKey, value: unknown, sequence: number): void {
    if (isPlain(value)) {
      this.#begin(type, key, 6 + PLAIN_BYTES_MAX);
      this.#counts(sequence, 0);
      this.#length = writePlain(this.#area, this.#length, value);
      return;
    }
    const { body, buffers } = encodeValue(value, 'result');
    this.#begin(type, key, 6 + bodyRecordBytes(body));
    this.#counts(sequence, buffers.length);
    this.#length = writeBody(this.#area, this.#length, body);
    this.#buffers.push(...buffers);
  }

  #message(type: number, key: EventKey, message: unknown): void {
    const body = encodeMessage(message);
    this.#begin(type, key, bodyRecordBytes(body));
    this.#length = writeBody(this.#area, this.#length, body);
  }

  #counts(sequence: number, buffers: number): void {
    this.#area.view.setUint32(this.#length, sequence);
    this.#area.view.setUint16(this.#length + 4, buffers);
    this.#length += 6;
  }

  #begin(type: number, { number, epoch, counter }: EventKey, bytes: number): void {
    this.#reserve(KEY_BYTES + bytes);
    const { view } = this.#area;
    const at = this.#length;
    view.setUint8(at, type);
    view.setUint32(at + 1, number);
    writeUint48(view, at + 5, epoch);
    writeUint48(view, at + 11, counter);
    this.#length = at + KEY_BYTES;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#area.bytes.byteLength) return;
    const larger = areaOf(Math.max(needed, 2 * this.#area.bytes.byteLength));
    larger.bytes.set(this.#area.bytes.subarray(0, this.#length));
    this.#area = larger;
  }
}

function areaOf(bytes: number): RecordArea {
  const buffer = new ArrayBuffer(bytes);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
}

/** Epochs and counters stay far below 2^48. */
function writeUint48(view: DataView, at: number, value: number): void {
  view.setUint16(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 2, value >>> 0);
}
