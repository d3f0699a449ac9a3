/** The end of a task on its slot, as an outcome of its attempt. */
import type { AttemptOutcome } from '@anant/core';
import { decodeValue, type EncodedValue, encodeValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import { unusableResult } from '../outcomes.js';
import type { ThreadTask, ThreadTaskEnd } from './thread-task.js';

/** Keeps an encoded result in the object store, or a value. @throws AnantError */
export interface ResultKeeper {
  keepEncoded(attempt: Attempt, value: EncodedValue): AttemptOutcome;
  keepValue(attempt: Attempt, value: unknown): AttemptOutcome;
}

export function threadOutcome(task: ThreadTask, end: ThreadTaskEnd, keeper: ResultKeeper): AttemptOutcome {
  switch (end.status) {
    case 'plain':
    case 'ok':
      try {
        return okOutcome(task, end, keeper);
      } catch (thrown) {
        return unusableResult(thrown);
      }
    case 'killed':
      return { status: 'cancelled', how: 'kill' };
    case 'cancelled':
      return { status: 'cancelled', how: 'ask' };
    case 'lost':
      return { ...end, suspect: end.started === 'yes' };
    default:
      return end;
  }
}

function okOutcome(
  task: ThreadTask,
  end: ThreadTaskEnd & { readonly status: 'plain' | 'ok' },
  keeper: ResultKeeper,
): AttemptOutcome {
  const isKept = task.output === 'reference';
  if (task.work) {
    const result = task.work.finish((end as { value: number | undefined }).value);
    return isKept ? keeper.keepValue(task.attempt, result) : { status: 'ok', value: result };
  }
  if (end.status === 'plain') {
    if (!isKept) return { status: 'ok', value: end.value };
    return keeper.keepEncoded(task.attempt, encodeValue(end.value, 'result'));
  }
  if (end.value === undefined) return { status: 'ok', value: undefined };
  const { body, buffers } = end.value;
  if (isKept) return keeper.keepEncoded(task.attempt, { body, buffers: [...buffers] });
  return { status: 'ok', value: decodeValue(body, buffers) };
}
