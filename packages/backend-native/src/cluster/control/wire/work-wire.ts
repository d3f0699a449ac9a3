/** What a worker and its head say to each other, as bytes. Batches about tasks are written by hand, the rest generated. */
import { makeGenericClientConstructor } from '@grpc/grpc-js';
import { Template } from '../../proto/anant/v1/common.js';
import {
  type AssignBatch,
  type Assignment,
  type Commit,
  type CommitBatch,
  SessionPeer,
  type VerdictBatch,
  type WorkerServiceClient,
  WorkerServiceService,
  WorkRequest,
  WorkResponse,
} from '../../proto/anant/v1/worker.js';
import { onlyField, type WireReader } from './wire-reader.js';
import { bytesTag, numberTag, WireWriter } from './wire-writer.js';

const REQUEST_COMMIT = bytesTag(3);
const RESPONSE_ASSIGN = bytesTag(2);
const RESPONSE_VERDICT = bytesTag(4);

/** In every batch. */
const EPOCH = numberTag(1);
const BATCH = { sessions: bytesTag(2), templates: bytesTag(3), assignments: bytesTag(4) } as const;
const ASSIGNMENT = {
  counter: numberTag(1),
  session: numberTag(2),
  id: bytesTag(3),
  attempt: numberTag(4),
  template: numberTag(5),
  payload: bytesTag(6),
  isAlone: numberTag(7),
} as const;
const COMMITS = bytesTag(2);
const COMMIT = {
  counter: numberTag(1),
  status: numberTag(2),
  detail: bytesTag(3),
  runUs: numberTag(4),
} as const;
const VERDICT = { accepted: bytesTag(2), superseded: bytesTag(3), later: bytesTag(4) } as const;

const NO_BYTES: Buffer = Buffer.alloc(0);
const writer = new WireWriter();

export function encodeWorkRequest(request: WorkRequest): Buffer {
  const { message } = request;
  if (message?.$case !== 'commit') return Buffer.from(WorkRequest.encode(request).finish());
  const { epoch, commits } = message.value;
  const start = writer.open(REQUEST_COMMIT);
  writer.number(EPOCH, epoch);
  for (const commit of commits) writeCommit(commit);
  return writer.close(start);
}

function writeCommit({ counter, status, detail, runUs }: Commit): void {
  const start = writer.begin(COMMITS);
  writer.number(COMMIT.counter, counter);
  writer.number(COMMIT.status, status);
  writer.bytes(COMMIT.detail, detail);
  writer.number(COMMIT.runUs, runUs);
  writer.end(start);
}

/** @throws whatever makes it malformed; gRPC ends the stream then */
export function decodeWorkRequest(bytes: Buffer): WorkRequest {
  const reader = onlyField(bytes, REQUEST_COMMIT);
  if (reader === undefined) return WorkRequest.decode(bytes);
  return { message: { $case: 'commit', value: readCommits(reader) } };
}

function readCommits(reader: WireReader): CommitBatch {
  const commits: Commit[] = [];
  let epoch = 0;
  while (reader.position < reader.length) {
    const tag = reader.number();
    if (tag === COMMITS) commits.push(readCommit(reader, reader.limit()));
    else if (tag === EPOCH) epoch = reader.number();
    else reader.skip(tag);
  }
  return { epoch, commits };
}

function readCommit(reader: WireReader, end: number): Commit {
  let counter = 0;
  let status = 0;
  let detail = NO_BYTES;
  let runUs = 0;
  while (reader.position < end) {
    const tag = reader.number();
    switch (tag) {
      case COMMIT.counter:
        counter = reader.number();
        break;
      case COMMIT.status:
        status = reader.number();
        break;
      case COMMIT.detail:
        // A copy: the head keeps it longer than the message.
        detail = Buffer.from(reader.bytes());
        break;
      case COMMIT.runUs:
        runUs = reader.number();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.ended(end);
  return { counter, status, detail, runUs };
}

export function encodeWorkResponse(response: WorkResponse): Buffer {
  const { message } = response;
  if (message?.$case === 'assign') return encodeAssign(message.value);
  if (message?.$case === 'verdict') return encodeVerdict(message.value);
  return Buffer.from(WorkResponse.encode(response).finish());
}

function encodeAssign({ epoch, sessions, templates, assignments }: AssignBatch): Buffer {
  const start = writer.open(RESPONSE_ASSIGN);
  writer.number(EPOCH, epoch);
  for (const session of sessions) writer.message(BATCH.sessions, SessionPeer.encode(session).finish());
  for (const template of templates) writer.message(BATCH.templates, Template.encode(template).finish());
  for (const assignment of assignments) writeAssignment(assignment);
  return writer.close(start);
}

function writeAssignment(assignment: Assignment): void {
  const { counter, session, id, attempt, template, payload, isAlone } = assignment;
  const start = writer.begin(BATCH.assignments);
  writer.number(ASSIGNMENT.counter, counter);
  writer.number(ASSIGNMENT.session, session);
  writer.string(ASSIGNMENT.id, id);
  writer.number(ASSIGNMENT.attempt, attempt);
  writer.number(ASSIGNMENT.template, template);
  writer.bytes(ASSIGNMENT.payload, payload);
  writer.number(ASSIGNMENT.isAlone, isAlone ? 1 : 0);
  writer.end(start);
}

function encodeVerdict({ epoch, accepted, superseded, later }: VerdictBatch): Buffer {
  const start = writer.open(RESPONSE_VERDICT);
  writer.number(EPOCH, epoch);
  writeCounters(VERDICT.accepted, accepted);
  writeCounters(VERDICT.superseded, superseded);
  writeCounters(VERDICT.later, later);
  return writer.close(start);
}

function writeCounters(tag: number, counters: readonly number[]): void {
  if (counters.length === 0) return;
  const start = writer.begin(tag);
  for (const counter of counters) writer.element(counter);
  writer.end(start);
}

/** @throws whatever makes it malformed; gRPC ends the stream then */
export function decodeWorkResponse(bytes: Buffer): WorkResponse {
  const assign = onlyField(bytes, RESPONSE_ASSIGN);
  if (assign !== undefined) return { message: { $case: 'assign', value: readAssign(assign) } };
  const verdict = onlyField(bytes, RESPONSE_VERDICT);
  if (verdict !== undefined) return { message: { $case: 'verdict', value: readVerdict(verdict) } };
  return WorkResponse.decode(bytes);
}

function readAssign(reader: WireReader): AssignBatch {
  const batch: AssignBatch = { epoch: 0, sessions: [], templates: [], assignments: [] };
  while (reader.position < reader.length) {
    const tag = reader.number();
    switch (tag) {
      case EPOCH:
        batch.epoch = reader.number();
        break;
      case BATCH.sessions:
        batch.sessions.push(SessionPeer.decode(reader.bytes()));
        break;
      case BATCH.templates:
        batch.templates.push(Template.decode(reader.bytes()));
        break;
      case BATCH.assignments:
        batch.assignments.push(readAssignment(reader, reader.limit()));
        break;
      default:
        reader.skip(tag);
    }
  }
  return batch;
}

function readAssignment(reader: WireReader, end: number): Assignment {
  let counter = 0;
  let session = 0;
  let id = '';
  let attempt = 0;
  let template = 0;
  let payload = NO_BYTES;
  let isAlone = false;
  while (reader.position < end) {
    const tag = reader.number();
    switch (tag) {
      case ASSIGNMENT.counter:
        counter = reader.number();
        break;
      case ASSIGNMENT.session:
        session = reader.number();
        break;
      case ASSIGNMENT.id:
        id = reader.string();
        break;
      case ASSIGNMENT.attempt:
        attempt = reader.number();
        break;
      case ASSIGNMENT.template:
        template = reader.number();
        break;
      case ASSIGNMENT.payload:
        payload = reader.bytes();
        break;
      case ASSIGNMENT.isAlone:
        isAlone = reader.number() !== 0;
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.ended(end);
  return { counter, session, id, attempt, template, payload, isAlone };
}

function readVerdict(reader: WireReader): VerdictBatch {
  const batch: VerdictBatch = { epoch: 0, accepted: [], superseded: [], later: [] };
  while (reader.position < reader.length) {
    const tag = reader.number();
    if (tag === EPOCH) batch.epoch = reader.number();
    else if (tag === VERDICT.accepted) readCounters(reader, batch.accepted);
    else if (tag === VERDICT.superseded) readCounters(reader, batch.superseded);
    else if (tag === VERDICT.later) readCounters(reader, batch.later);
    else reader.skip(tag);
  }
  return batch;
}

function readCounters(reader: WireReader, counters: number[]): void {
  const end = reader.limit();
  while (reader.position < end) counters.push(reader.number());
  reader.ended(end);
}

/** The definition that head and worker use. */
export const WORK_SERVICE = {
  work: {
    ...WorkerServiceService.work,
    requestSerialize: encodeWorkRequest,
    requestDeserialize: decodeWorkRequest,
    responseSerialize: encodeWorkResponse,
    responseDeserialize: decodeWorkResponse,
  },
} as const;

export const WorkClient = makeGenericClientConstructor(
  WORK_SERVICE,
  'anant.v1.WorkerService',
) as unknown as typeof WorkerServiceClient;
