import type { ActorSpecification, AttemptOutcome, TaskEvent } from '@anant/core';
import { expect, test } from 'vitest';
import { ActorStarts } from './actor-starts.js';

const specification: ActorSpecification = {
  id: 'counter',
  definition: { kind: 'python', name: 'Counter', target: 'm:Counter', version: '' },
  input: 1,
  options: { priority: 0, delivery: 'at-least-once', output: 'value' },
};

function ended(outcome: AttemptOutcome): {
  readonly made: Promise<void>;
  readonly left: readonly TaskEvent[];
} {
  const starts = new ActorStarts();
  const { envelope, made } = starts.begin(specification);
  const { id } = envelope;
  const left = starts.take([
    { type: 'task-start', id, attempt: 1, worker: 'w' },
    { type: 'task-end', id, attempt: 1, outcome },
    { type: 'task-start', id: 'another', attempt: 1, worker: 'w' },
  ]);
  return { made, left };
}

test('what makes an actor is not told to the client; the rest is', async () => {
  const { made, left } = ended({ status: 'ok', value: undefined });
  await made;
  expect(left).toMatchObject([{ id: 'another' }]);
});

test('an actor that was not made has a reason', async () => {
  const error = { type: 'RangeError', message: 'starts at 0' };
  await expect(ended({ status: 'app-error', error }).made).rejects.toThrow('starts at 0');
  const refused = { status: 'refused', code: 'E_TASK_DUPLICATE', reason: 'taken' } as const;
  await expect(ended(refused).made).rejects.toMatchObject({ code: 'E_TASK_DUPLICATE', message: 'taken' });
  const lost = { status: 'lost', reason: 'its worker died', started: 'yes' } as const;
  await expect(ended(lost).made).rejects.toMatchObject({ code: 'E_LOST', retryable: true });
});
