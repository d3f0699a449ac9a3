/** What a driver keeps of an attempt between its submission and its end. */
import type { AttemptOutcome } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';
import type { Attempt } from '../../embedded/attempt.js';
import type { SubmitEntry } from '../proto/anant/v1/scheduler.js';

export interface OpenAttempt {
  readonly attempt: Attempt;
  /** Names it on the data plane. */
  readonly number: number;
  /** An input too large to travel with the submission: workers ask for it. */
  readonly heldInput: EncodedValue | undefined;
  /** What was or will be submitted; kept until the head has acknowledged it. Calls of actors have none. */
  entry: SubmitEntry | undefined;
  /** The newest assignment anything was heard of. */
  epoch: number;
  counter: number;
  /** Data address of the worker that runs it. */
  worker: string | undefined;
  /** Credits given before it was known who runs it. */
  credits: number;
  nextSequence: number;
  /** The result, until the head has accepted it. */
  result: { readonly epoch: number; readonly counter: number; readonly outcome: AttemptOutcome } | undefined;
  /** The head's word that it ended with a result that has not arrived. */
  accepted: { readonly epoch: number; readonly counter: number; readonly dueMs: number } | undefined;
}

export function newOpenAttempt(
  attempt: Attempt,
  number: number,
  heldInput: EncodedValue | undefined,
  entry: SubmitEntry | undefined,
): OpenAttempt {
  return {
    attempt,
    number,
    heldInput,
    entry,
    epoch: 0,
    counter: 0,
    worker: undefined,
    credits: 0,
    nextSequence: 0,
    result: undefined,
    accepted: undefined,
  };
}
