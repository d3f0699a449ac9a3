import { isActorHost, isObjectStore, isStreamSource, ObjectRef } from '@anant/core';
import { afterEach, describe, expect, test } from 'vitest';
import { Driver, task } from '../../../../test/support/native-driver.js';
import { NativeBackend } from './native-backend.js';
import type { NativeOptions } from './options.js';

const MEBIBYTE = 2 ** 20;

let driver: Driver<NativeBackend> | undefined;
const start = async (options: NativeOptions = {}): Promise<Driver<NativeBackend>> => {
  driver = await Driver.start(new NativeBackend({ slots: 2, ...options }));
  return driver;
};
afterEach(async () => {
  await driver?.stop();
  driver = undefined;
});

describe('objects', () => {
  test('are stored, resolved in inputs, kept as results, and bounded', async () => {
    const d = await start({ objectBytesMax: MEBIBYTE });
    const { backend } = d;
    expect(isObjectStore(backend) && isStreamSource(backend) && isActorHost(backend)).toBe(true);
    const values = Float64Array.from({ length: 1000 }, (_, index) => index);
    expect(await backend.doPut('values', values)).toEqual({ bytes: expect.any(Number) });
    values.fill(0);
    const reference = new ObjectRef('values', 'native');
    expect(await d.value(task('sum'), reference, { references: ['values'] })).toBe(499_500);
    const stored = await d.run(task('giveBytes'), 5000, { output: 'reference' });
    expect(stored).toMatchObject({ status: 'ok-reference', bytes: expect.any(Number) });
    const object = (stored as { object: string }).object;
    expect(await backend.doGet(object)).toEqual(new Uint8Array(5000));
    await expect(backend.doPut('large', new Uint8Array(2 * MEBIBYTE))).rejects.toThrow(
      expect.objectContaining({ code: 'E_PAYLOAD_TOO_LARGE' }),
    );
    backend.doRelease(['values', object, 'never']);
    await expect(backend.doGet('values')).rejects.toThrow(expect.objectContaining({ code: 'E_OBJECT_LOST' }));
    expect(await d.run(task('sum'), reference, { references: ['values'] })).toMatchObject({
      status: 'refused',
      code: 'E_OBJECT_LOST',
    });
  });

  test('reading gives a copy', async () => {
    const { backend } = await start();
    await backend.doPut('o', Uint8Array.of(1, 2, 3));
    ((await backend.doGet('o')) as Uint8Array).fill(9);
    expect(await backend.doGet('o')).toEqual(Uint8Array.of(1, 2, 3));
  });
});

describe('actors', () => {
  const specification = (id: string, input: unknown) => ({
    id,
    definition: task('Tally'),
    input,
    options: { priority: 0, delivery: 'at-least-once', output: 'value' } as const,
  });
  const actor = (id: string, method: string) => ({ actor: { actor: id, method } });

  test('keep state, answer in order, and survive errors of their methods', async () => {
    const d = await start();
    await d.backend.doActorStart(specification('a', 10));
    const calls = [1, 2, 3].map((step) => d.submit(task('Tally'), step, actor('a', 'add')));
    const outcomes = await Promise.all(calls.map((call) => d.end(call)));
    expect(outcomes).toEqual([11, 13, 16].map((value) => ({ status: 'ok', value })));
    expect(await d.run(task('Tally'), 1, actor('a', 'toString'))).toMatchObject({ code: 'E_TASK_NOT_FOUND' });
    await expect(d.backend.doActorStart(specification('a', 1))).rejects.toThrow('lives already');
    await expect(d.backend.doActorStart(specification('b', -1))).rejects.toThrow('must not be negative');
    await d.backend.doActorStop('a');
    expect(await d.run(task('Tally'), 1, actor('a', 'add'))).toMatchObject({ status: 'refused' });
  });

  test('lose their open calls when their thread ends, and free their name', async () => {
    const d = await start({ actorsMax: 1 });
    await d.backend.doActorStart(specification('a', 0));
    await expect(d.backend.doActorStart(specification('b', 0))).rejects.toThrow('1 actors live already');
    const calls = [
      d.submit(task('Tally'), null, actor('a', 'exit')),
      d.submit(task('Tally'), 1, actor('a', 'add')),
    ];
    const outcomes = await Promise.all(calls.map((call) => d.end(call)));
    expect(outcomes).toMatchObject([
      { status: 'lost', started: 'yes' },
      { status: 'lost', started: 'no' },
    ]);
    await d.backend.doActorStart(specification('a', 5));
    expect(await d.value(task('Tally'), 1, actor('a', 'add'))).toBe(6);
  });

  test('stop under a call that never yields', async () => {
    const d = await start();
    await d.backend.doActorStart(specification('a', 0));
    const call = d.submit(task('Tally'), d.path(), actor('a', 'hold'));
    await d.backend.doActorStop('a');
    expect(await d.end(call)).toMatchObject({ status: 'lost' });
  });
});
