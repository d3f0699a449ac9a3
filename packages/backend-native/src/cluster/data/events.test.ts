/** What a worker writes about attempts is what its driver reads, and nothing malformed is read as something. */
import { seededRandom } from '@anant/core/testing';
import { describe, expect, it } from 'vitest';
import { parseDataAddress } from './data-address.js';
import { openHead, packHead } from './data-message.js';
import { readEvents, readSender } from './event-reader.js';
import { EventWriter } from './event-writer.js';

const key = { number: 7, epoch: 3, counter: 2 ** 40 + 5 };

describe('events on the data plane', () => {
  it('arrive as they were written, large arrays beside them', () => {
    const writer = new EventWriter('worker-1', 'tcp://127.0.0.1:1');
    const large = new Float64Array(10_000).fill(0.5);
    writer.start(key);
    writer.progress(key, 1, 2, 'half');
    writer.item(key, 0, { large });
    writer.heartbeat(key);
    writer.ok(key, 42);
    writer.reference({ ...key, number: 8 }, 'result:a:1', 12);
    writer.error({ ...key, number: 9 }, { type: 'RangeError', message: 'no' });
    const { payload, buffers } = writer.take();
    expect(writer.isEmpty).toBe(true);
    expect(readSender(payload)).toEqual({ worker: 'worker-1', address: 'tcp://127.0.0.1:1' });
    expect([...readEvents(payload, buffers)]).toEqual([
      { ...key, type: 'start' },
      { ...key, type: 'progress', done: 1, total: 2, note: 'half' },
      { ...key, type: 'item', sequence: 0, value: { large } },
      { ...key, type: 'heartbeat' },
      { ...key, type: 'result', outcome: { status: 'ok', value: 42 } },
      {
        ...key,
        number: 8,
        type: 'result',
        outcome: { status: 'ok-reference', object: 'result:a:1', bytes: 12 },
      },
      {
        ...key,
        number: 9,
        type: 'result',
        outcome: { status: 'app-error', error: { type: 'RangeError', message: 'no' } },
      },
    ]);
  });

  it('writes nothing of a value that nobody can carry', () => {
    const writer = new EventWriter('w', 'tcp://127.0.0.1:1');
    expect(() => writer.ok(key, () => {})).toThrow(/cannot be carried/);
    expect(writer.isEmpty).toBe(true);
  });

  it('ends with an error, never with a hang, when the bytes are garbage', () => {
    const random = seededRandom(11);
    for (let round = 0; round < 500; round += 1) {
      const bytes = Uint8Array.from({ length: 1 + Math.floor(random() * 200) }, () =>
        Math.floor(random() * 256),
      );
      try {
        readSender(bytes);
        for (const event of readEvents(bytes, [])) expect(typeof event.number).toBe('number');
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }
  });
});

describe('heads of data messages', () => {
  const secret = new Uint8Array(16).fill(9);

  it('open for who knows the secret, and for nobody else', () => {
    const head = packHead(1, secret, [2, 5], Uint8Array.of(1, 2, 3));
    expect(openHead(head, secret)).toMatchObject({ kind: 1, files: [2, 5] });
    expect([...openHead(head, secret)!.payload]).toEqual([1, 2, 3]);
    expect(openHead(head, new Uint8Array(16))).toBeUndefined();
    expect(openHead(head.subarray(0, 10), secret)).toBeUndefined();
  });
});

describe('data addresses', () => {
  it('name a socket and perhaps a folder', () => {
    expect(parseDataAddress('tcp://127.0.0.1:5?folder=%2Fdev%2Fshm%2Fx')).toEqual({
      socket: 'tcp://127.0.0.1:5',
      folder: '/dev/shm/x',
    });
    for (const wrong of ['', 'ipc:///x', 'tcp://:1', 'tcp://a:99x'])
      expect(() => parseDataAddress(wrong)).toThrow();
  });
});
