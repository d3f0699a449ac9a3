import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { untilAborted } from './deadline.js';

test('many wait with one listener, which goes with the last of them', async () => {
  const control = new AbortController();
  const { signal } = control;
  const ends: (() => void)[] = [];
  const waits = Array.from({ length: 20 }, () =>
    untilAborted(signal, new Promise<void>((resolve) => ends.push(resolve)), 'A wait'),
  );
  expect(getEventListeners(signal, 'abort').length).toBe(1);
  for (const end of ends.splice(0, 10)) end();
  await Promise.all(waits.slice(0, 10));
  expect(getEventListeners(signal, 'abort').length).toBe(1);
  control.abort(new Error('enough'));
  const left = await Promise.allSettled(waits.slice(10));
  for (const one of left) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'E_CANCELLED' } });
});

test('none is left once all have ended, and a signal that is aborted already ends a wait', async () => {
  const control = new AbortController();
  for (let turn = 0; turn < 2; turn++) {
    await expect(untilAborted(control.signal, Promise.resolve(turn), 'A wait')).resolves.toBe(turn);
    await Promise.resolve();
    expect(getEventListeners(control.signal, 'abort').length).toBe(0);
  }
  control.abort();
  const never = new Promise<void>(() => undefined);
  await expect(untilAborted(control.signal, never, 'A wait')).rejects.toMatchObject({ code: 'E_CANCELLED' });
});
