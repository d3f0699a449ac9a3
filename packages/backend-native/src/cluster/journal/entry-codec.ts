/**
 * A journal entry as bytes: a CRC-32, the lengths, a JSON head of positional arrays, then every payload and body raw. Read
 * back only if the sum fits; anything else is damage.
 */
import { crc32 } from 'node:zlib';
import { AnantError } from '@anant/core';
import type {
  AttemptEnd,
  JournalEntry,
  JournalRecord,
  SequencedEnd,
  TaskSpec,
} from '../../protocol/scheduler/index.js';

/** Changes when the layout does: an entry of another version is refused, not guessed at. */
const VERSION = 1;
/** CRC of all that follows (4), version (1), length of the JSON head (4). */
const HEADER_BYTES = 9;

type Json = unknown;

export function encodeEntry(entry: JournalEntry): Uint8Array {
  const blobs: Uint8Array[] = [];
  const head = Buffer.from(
    JSON.stringify([entry.epoch, entry.index, entry.records.map((record) => writeRecord(record, blobs))]),
  );
  const bytes = blobs.reduce((sum, blob) => sum + blob.byteLength, HEADER_BYTES + head.byteLength);
  const buffer = Buffer.allocUnsafe(bytes);
  buffer[4] = VERSION;
  buffer.writeUInt32LE(head.byteLength, 5);
  buffer.set(head, HEADER_BYTES);
  let at = HEADER_BYTES + head.byteLength;
  for (const blob of blobs) {
    buffer.set(blob, at);
    at += blob.byteLength;
  }
  buffer.writeUInt32LE(crc32(buffer.subarray(4)), 0);
  return buffer;
}

/** Records in one part of a snapshot. */
const PART_RECORDS = 16;

/** A snapshot in pieces: entries of one index that only together say what the state is. */
export function encodeParts(epoch: number, index: number, records: readonly JournalRecord[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < records.length; at += PART_RECORDS)
    parts.push(encodeEntry({ epoch, index, records: records.slice(at, at + PART_RECORDS) }));
  return parts;
}

/** @throws AnantError E_JOURNAL when the bytes are not what was written. */
export function decodeEntry(bytes: Uint8Array, where: string): JournalEntry {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.byteLength < HEADER_BYTES) throw damaged(where, 'it is cut short');
  if (crc32(buffer.subarray(4)) !== buffer.readUInt32LE(0)) throw damaged(where, 'its checksum does not fit');
  if (buffer[4] !== VERSION) throw damaged(where, `it has version ${buffer[4]}, not ${VERSION}`);
  const headEnd = HEADER_BYTES + buffer.readUInt32LE(5);
  const [epoch, index, records] = JSON.parse(buffer.toString('utf8', HEADER_BYTES, headEnd)) as [
    number,
    number,
    Json[],
  ];
  const reader = new BlobReader(buffer, headEnd);
  return { epoch, index, records: records.map((record) => readRecord(record, reader)) };
}

const damaged = (where: string, reason: string): AnantError =>
  new AnantError('E_JOURNAL', `The journal is damaged: ${where} cannot be trusted, ${reason}.`, {
    advice: 'Restore the folder of the journal from a copy, or start with an empty one and submit again.',
  });

/** Gives the blobs back in the order they were written. */
class BlobReader {
  readonly #buffer: Buffer;
  #at: number;

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
  }

  /** A copy: the buffer may be the store's own memory. */
  take(bytes: number): Buffer {
    const blob = Buffer.from(this.#buffer.subarray(this.#at, this.#at + bytes));
    this.#at += bytes;
    return blob;
  }
}

function writeRecord(record: JournalRecord, blobs: Uint8Array[]): Json {
  switch (record.type) {
    case 'submit':
      return ['submit', record.session, record.tasks.map((spec) => writeSpec(spec, blobs))];
    case 'assign': {
      const tasks = record.tasks.map(({ id, token }) => [id, token.epoch, token.counter]);
      return ['assign', record.worker, record.bootId, tasks];
    }
    case 'end':
      return ['end', record.session, record.ends.map((end) => writeEnd(end, blobs))];
    case 'attach':
      blobs.push(record.bytes);
      return ['attach', record.key, record.bytes.byteLength];
    case 'session-at': {
      const ends = record.ends.map((end) => writeEnd(end, blobs));
      return ['session-at', record.session, record.tenant, record.sequence, ends];
    }
    default:
      return record;
  }
}

function readRecord(json: Json, reader: BlobReader): JournalRecord {
  if (!Array.isArray(json)) return json as JournalRecord;
  switch (json[0]) {
    case 'submit':
      return {
        type: 'submit',
        session: json[1],
        tasks: json[2].map((spec: Json[]) => readSpec(spec, reader)),
      };
    case 'assign': {
      const tasks = json[3].map(([id, epoch, counter]: [string, number, number]) => ({
        id,
        token: { epoch, counter },
      }));
      return { type: 'assign', worker: json[1], bootId: json[2], tasks };
    }
    case 'end':
      return { type: 'end', session: json[1], ends: json[2].map((end: Json[]) => readEnd(end, reader)) };
    case 'attach':
      return { type: 'attach', key: json[1], bytes: reader.take(json[2]) };
    default: {
      const ends = json[4].map((end: Json[]) => readEnd(end, reader));
      return { type: 'session-at', session: json[1], tenant: json[2], sequence: json[3], ends };
    }
  }
}

function writeSpec(spec: TaskSpec, blobs: Uint8Array[]): Json {
  blobs.push(spec.payload);
  const { id, attempt, digest, definition, priority, tenant, delivery, payload } = spec;
  const demand = [spec.resources ?? 0, spec.placement ?? 0, spec.inputs ?? 0];
  const plain = [id, attempt, digest, definition, priority, tenant, delivery, payload.byteLength];
  return demand.every((part) => part === 0) ? plain : [...plain, ...demand];
}

function readSpec(json: Json[], reader: BlobReader): TaskSpec {
  const [id, attempt, digest, definition, priority, tenant, delivery, bytes, resources, placement, inputs] =
    json as [string, number, string, string, number, string, TaskSpec['delivery'], number, ...Json[]];
  return {
    id,
    attempt,
    digest,
    definition,
    priority,
    tenant,
    delivery,
    ...(resources ? { resources: resources as NonNullable<TaskSpec['resources']> } : {}),
    ...(placement ? { placement: placement as NonNullable<TaskSpec['placement']> } : {}),
    ...(inputs ? { inputs: inputs as NonNullable<TaskSpec['inputs']> } : {}),
    payload: reader.take(bytes),
  };
}

function writeEnd({ id, attempt, sequence, end, token }: SequencedEnd, blobs: Uint8Array[]): Json {
  const fence = token === undefined ? 0 : [token.epoch, token.counter];
  if (end.by === 'head') return [id, attempt, sequence, fence, end.outcome];
  blobs.push(end.body);
  return [id, attempt, sequence, fence, end.worker, end.status, end.body.byteLength];
}

function readEnd(json: Json[], reader: BlobReader): SequencedEnd {
  const [id, attempt, sequence, fence, who, status, bytes] = json as [
    string,
    number,
    number,
    [number, number] | 0,
    ...Json[],
  ];
  const token = fence === 0 ? undefined : { epoch: fence[0], counter: fence[1] };
  const end =
    typeof who === 'string'
      ? { by: 'worker', worker: who, status, body: reader.take(bytes as number) }
      : { by: 'head', outcome: who };
  return { id, attempt, sequence, end: end as AttemptEnd, token };
}
