/** The codecs written by hand and the generated ones read each other, and garbage is refused. */
import { deepStrictEqual } from 'node:assert';
import type { Random } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { packPayload, readPayload } from '../../data/task-payload.js';
import { TaskPayload } from '../../proto/anant/v1/common.js';
import { SessionRequest, SessionResponse } from '../../proto/anant/v1/scheduler.js';
import { WorkRequest, WorkResponse } from '../../proto/anant/v1/worker.js';
import {
  decodeSessionRequest,
  decodeSessionResponse,
  encodeSessionRequest,
  encodeSessionResponse,
} from './session-wire.js';
import { decodeWorkRequest, decodeWorkResponse, encodeWorkRequest, encodeWorkResponse } from './work-wire.js';

const ROUNDS = 100;

/** Values at which lengths and numbers take one byte more, and some between. */
class Values {
  constructor(readonly random: Random) {}

  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  number(): number {
    const edge = 2 ** (7 * (1 + this.below(7)));
    return [0, 1, edge - 1, edge, Number.MAX_SAFE_INTEGER, this.below(2 ** 40)][this.below(6)]!;
  }

  uint32(): number {
    return this.number() % 2 ** 32;
  }

  bytes(): Buffer {
    return Buffer.alloc([0, 1, 60, 127, 128, 300, 20_000][this.below(7)]!, this.below(256));
  }

  string(): string {
    const alphabet = ['a', 'Z', '7', '-', 'ä', '端', '😀'];
    const count = [0, 3, 36, 64, 65, 200][this.below(6)]!;
    const letters = this.below(2) === 0 ? 4 : alphabet.length;
    return Array.from({ length: count }, () => alphabet[this.below(letters)]).join('');
  }

  list<Item>(make: () => Item): Item[] {
    return Array.from({ length: this.below(6) }, make);
  }

  template() {
    return {
      number: this.uint32(),
      definition: this.string(),
      priority: this.below(2001) - 1000,
      mode: '',
      resources: undefined,
      node: this.string(),
      labels: { zone: this.string() },
      group: '',
      groupRule: '',
      groupTasks: 0,
      code: 'auto',
      tenant: this.string(),
      delivery: 'at-least-once',
      output: 'value',
    };
  }

  submit(): SessionRequest {
    const tasks = this.list(() => ({
      id: this.string(),
      attempt: this.uint32(),
      template: this.uint32(),
      payload: this.bytes(),
      inputs: this.list(() => ({ bytes: this.number(), workers: this.list(() => this.string()) })),
      digest: this.uint32(),
    }));
    return { message: { $case: 'submit', value: { templates: this.list(() => this.template()), tasks } } };
  }

  ends(): SessionResponse {
    const ends = this.list(() => ({
      sequence: this.number(),
      id: this.string(),
      attempt: this.uint32(),
      status: this.below(8),
      worker: this.below(2) === 0 ? 'worker-1' : this.string(),
      detail: this.bytes(),
      epoch: this.number(),
      counter: this.number(),
    }));
    return { message: { $case: 'ends', value: { ends } } };
  }

  commit(): WorkRequest {
    const commits = this.list(() => ({
      counter: this.number(),
      status: this.below(8),
      detail: this.bytes(),
      runUs: this.uint32(),
    }));
    return { message: { $case: 'commit', value: { epoch: this.number(), commits } } };
  }

  assign(): WorkResponse {
    const assignments = this.list(() => ({
      counter: this.number(),
      session: this.uint32(),
      id: this.string(),
      attempt: this.uint32(),
      template: this.uint32(),
      payload: this.bytes(),
      isAlone: this.below(2) === 0,
    }));
    const sessions = this.list(() => ({
      session: this.uint32(),
      dataAddress: this.string(),
      secret: this.bytes(),
      host: this.string(),
    }));
    const templates = this.list(() => this.template());
    const value = { epoch: this.number(), sessions, templates, assignments };
    return { message: { $case: 'assign', value } };
  }

  verdict(): WorkResponse {
    const counters = () => this.list(() => this.number());
    const value = { epoch: this.number(), accepted: counters(), superseded: counters(), later: counters() };
    return { message: { $case: 'verdict', value } };
  }
}

const generated = {
  sessionRequest: (message: SessionRequest) => Buffer.from(SessionRequest.encode(message).finish()),
  sessionResponse: (message: SessionResponse) => Buffer.from(SessionResponse.encode(message).finish()),
  workRequest: (message: WorkRequest) => Buffer.from(WorkRequest.encode(message).finish()),
  workResponse: (message: WorkResponse) => Buffer.from(WorkResponse.encode(message).finish()),
};

describe('what is written by hand', () => {
  const values = new Values(seededRandom(5));

  it('has the bytes of the generated code, and reads them', () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const submit = values.submit();
      deepStrictEqual(encodeSessionRequest(submit), generated.sessionRequest(submit));
      deepStrictEqual(decodeSessionRequest(generated.sessionRequest(submit)), submit);
      const ends = values.ends();
      deepStrictEqual(encodeSessionResponse(ends), generated.sessionResponse(ends));
      deepStrictEqual(decodeSessionResponse(generated.sessionResponse(ends)), ends);
      const commit = values.commit();
      deepStrictEqual(encodeWorkRequest(commit), generated.workRequest(commit));
      deepStrictEqual(decodeWorkRequest(generated.workRequest(commit)), commit);
      for (const response of [values.assign(), values.verdict()]) {
        deepStrictEqual(encodeWorkResponse(response), generated.workResponse(response));
        deepStrictEqual(decodeWorkResponse(generated.workResponse(response)), response);
      }
    }
  });

  it('leaves other messages to the generated code', () => {
    const open = SessionRequest.fromPartial({ message: { $case: 'endsSeen', value: { sequence: 7 } } });
    expect(decodeSessionRequest(encodeSessionRequest(open))).toEqual(open);
    const renew = WorkRequest.fromPartial({ message: { $case: 'renew', value: { sequence: 3 } } });
    expect(decodeWorkRequest(encodeWorkRequest(renew))).toEqual(renew);
    const drained = WorkResponse.fromPartial({ message: { $case: 'drained', value: {} } });
    expect(decodeWorkResponse(encodeWorkResponse(drained))).toEqual(drained);
    const capacity = SessionResponse.fromPartial({
      message: { $case: 'capacity', value: { slots: 1, workers: 1 } },
    });
    expect(decodeSessionResponse(encodeSessionResponse(capacity))).toEqual(capacity);
  });

  it('passes over fields of a newer version', () => {
    const bytes = encodeWorkRequest({
      message: { $case: 'commit', value: { epoch: 4, commits: [] } },
    });
    const unknown = Buffer.from([0x78, 0x96, 0x01, 0x82, 0x01, 0x02, 0x61, 0x62]);
    const longer = Buffer.concat([bytes, unknown]);
    longer[1] = bytes[1]! + unknown.byteLength;
    expect(decodeWorkRequest(longer)).toEqual({
      message: { $case: 'commit', value: { epoch: 4, commits: [] } },
    });
  });

  it('is refused when it is cut short', () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const whole = encodeSessionRequest(values.submit());
      const cut = whole.subarray(0, values.below(whole.byteLength));
      if (cut.byteLength > 0) expect(() => decodeSessionRequest(Buffer.from(cut))).toThrow();
    }
  });

  it('ends, with an error or a message, whatever the bytes are', () => {
    let read = 0;
    let refused = 0;
    for (let round = 0; round < 20 * ROUNDS; round += 1) {
      const bytes = Buffer.from(Array.from({ length: values.below(60) }, () => values.below(256)));
      bytes[0] = [0x12, 0x1a, 0x22][round % 3]!;
      if (bytes.byteLength > 1) bytes[1] = bytes.byteLength - 2;
      for (const decode of [
        decodeSessionRequest,
        decodeSessionResponse,
        decodeWorkRequest,
        decodeWorkResponse,
      ]) {
        try {
          decode(bytes);
          read += 1;
        } catch {
          refused += 1;
        }
      }
    }
    expect(read).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(0);
  });
});

describe('the payload of a task', () => {
  it('is what the generated code reads and writes', () => {
    const values = new Values(seededRandom(6));
    for (let round = 0; round < ROUNDS; round += 1) {
      const input = { body: values.bytes(), buffers: values.list(() => values.bytes()) };
      const references = values.list(() => ({
        object: values.string(),
        address: values.string(),
        bytes: values.number(),
      }));
      const { bytes } = packPayload({ number: values.uint32(), input, references });
      const payload = TaskPayload.decode(bytes);
      deepStrictEqual(readPayload(bytes), payload);
      deepStrictEqual(readPayload(Buffer.from(TaskPayload.encode(payload).finish())), payload);
    }
  });
});
