/** What a driver and its head say to each other, as bytes. Submissions and ends are written by hand, the rest generated. */
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import { Template } from '../../proto/anant/v1/common.js';
import {
  type End,
  InputPlace,
  type SchedulerServiceClient,
  SchedulerServiceService,
  SessionRequest,
  SessionResponse,
  type SubmitBatch,
  type SubmitEntry,
} from '../../proto/anant/v1/scheduler.js';
import { onlyField, type WireReader } from './wire-reader.js';
import { bytesTag, fixed32Tag, numberTag, WireWriter } from './wire-writer.js';

const REQUEST_SUBMIT = bytesTag(2);
const RESPONSE_ENDS = bytesTag(3);

const BATCH = { templates: bytesTag(1), tasks: bytesTag(2) } as const;
const ENTRY = {
  id: bytesTag(1),
  attempt: numberTag(2),
  template: numberTag(3),
  payload: bytesTag(4),
  inputs: bytesTag(5),
  digest: fixed32Tag(6),
} as const;
const ENDS = bytesTag(1);
const END = {
  sequence: numberTag(1),
  id: bytesTag(2),
  attempt: numberTag(3),
  status: numberTag(4),
  worker: bytesTag(5),
  detail: bytesTag(6),
  epoch: numberTag(7),
  counter: numberTag(8),
} as const;

const NO_BYTES: Buffer = Buffer.alloc(0);
const writer = new WireWriter();

export function encodeSessionRequest(request: SessionRequest): Buffer {
  const { message } = request;
  if (message?.$case !== 'submit') return Buffer.from(SessionRequest.encode(request).finish());
  const start = writer.open(REQUEST_SUBMIT);
  for (const template of message.value.templates)
    writer.message(BATCH.templates, Template.encode(template).finish());
  for (const entry of message.value.tasks) writeEntry(entry);
  return writer.close(start);
}

function writeEntry({ id, attempt, template, payload, inputs, digest }: SubmitEntry): void {
  const start = writer.begin(BATCH.tasks);
  writer.string(ENTRY.id, id);
  writer.number(ENTRY.attempt, attempt);
  writer.number(ENTRY.template, template);
  writer.bytes(ENTRY.payload, payload);
  for (const input of inputs) writer.message(ENTRY.inputs, InputPlace.encode(input).finish());
  writer.fixed32(ENTRY.digest, digest);
  writer.end(start);
}

/** @throws whatever makes it malformed; gRPC ends the stream then */
export function decodeSessionRequest(bytes: Buffer): SessionRequest {
  const reader = onlyField(bytes, REQUEST_SUBMIT);
  if (reader === undefined) return SessionRequest.decode(bytes);
  return { message: { $case: 'submit', value: readSubmit(reader) } };
}

function readSubmit(reader: WireReader): SubmitBatch {
  const templates: Template[] = [];
  const tasks: SubmitEntry[] = [];
  while (reader.position < reader.length) {
    const tag = reader.number();
    if (tag === BATCH.tasks) tasks.push(readEntry(reader, reader.limit()));
    else if (tag === BATCH.templates) templates.push(Template.decode(reader.bytes()));
    else reader.skip(tag);
  }
  return { templates, tasks };
}

function readEntry(reader: WireReader, end: number): SubmitEntry {
  let id = '';
  let attempt = 0;
  let template = 0;
  let payload = NO_BYTES;
  let digest = 0;
  let inputs = NO_INPUTS;
  while (reader.position < end) {
    const tag = reader.number();
    switch (tag) {
      case ENTRY.id:
        id = reader.string();
        break;
      case ENTRY.attempt:
        attempt = reader.number();
        break;
      case ENTRY.template:
        template = reader.number();
        break;
      case ENTRY.payload:
        payload = reader.bytes();
        break;
      case ENTRY.inputs:
        inputs = [...inputs, InputPlace.decode(reader.bytes())];
        break;
      case ENTRY.digest:
        digest = reader.fixed32();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.ended(end);
  return { id, attempt, template, payload, inputs, digest };
}

const NO_INPUTS: InputPlace[] = [];

export function encodeSessionResponse(response: SessionResponse): Buffer {
  const { message } = response;
  if (message?.$case !== 'ends') return Buffer.from(SessionResponse.encode(response).finish());
  const start = writer.open(RESPONSE_ENDS);
  for (const end of message.value.ends) writeEnd(end);
  return writer.close(start);
}

function writeEnd({ sequence, id, attempt, status, worker, detail, epoch, counter }: End): void {
  const start = writer.begin(ENDS);
  writer.number(END.sequence, sequence);
  writer.string(END.id, id);
  writer.number(END.attempt, attempt);
  writer.number(END.status, status);
  writer.string(END.worker, worker);
  writer.bytes(END.detail, detail);
  writer.number(END.epoch, epoch);
  writer.number(END.counter, counter);
  writer.end(start);
}

/** @throws whatever makes it malformed; gRPC ends the stream then */
export function decodeSessionResponse(bytes: Buffer): SessionResponse {
  const reader = onlyField(bytes, RESPONSE_ENDS);
  if (reader === undefined) return SessionResponse.decode(bytes);
  const ends: End[] = [];
  while (reader.position < reader.length) {
    const tag = reader.number();
    if (tag === ENDS) ends.push(readEnd(reader, reader.limit()));
    else reader.skip(tag);
  }
  return { message: { $case: 'ends', value: { ends } } };
}

function readEnd(reader: WireReader, end: number): End {
  let sequence = 0;
  let id = '';
  let attempt = 0;
  let status = 0;
  let worker = '';
  let detail = NO_BYTES;
  let epoch = 0;
  let counter = 0;
  while (reader.position < end) {
    const tag = reader.number();
    switch (tag) {
      case END.sequence:
        sequence = reader.number();
        break;
      case END.id:
        id = reader.string();
        break;
      case END.attempt:
        attempt = reader.number();
        break;
      case END.status:
        status = reader.number();
        break;
      case END.worker:
        worker = reader.repeated();
        break;
      case END.detail:
        detail = reader.bytes();
        break;
      case END.epoch:
        epoch = reader.number();
        break;
      case END.counter:
        counter = reader.number();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.ended(end);
  return { sequence, id, attempt, status, worker, detail, epoch, counter };
}

/** The definition that head and driver use. */
export const SESSION_SERVICE = {
  session: {
    ...SchedulerServiceService.session,
    requestSerialize: encodeSessionRequest,
    requestDeserialize: decodeSessionRequest,
    responseSerialize: encodeSessionResponse,
    responseDeserialize: decodeSessionResponse,
  },
} as const;

export const SessionClient = makeGenericClientConstructor(
  SESSION_SERVICE,
  'anant.v1.SchedulerService',
) as unknown as typeof SchedulerServiceClient;
