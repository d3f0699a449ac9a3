/** An actor that lives, on whatever: calls run one at a time, in the order they came. */
import type { CancelAnswer } from '@anant/core';
import type { Attempt } from '../attempt.js';
import type { PreparedInput } from '../prepared-input.js';

export interface LiveActor {
  /** Makes the instance. @throws what the constructor threw, or an AnantError that says why it never ran */
  start(): Promise<void>;
  call(attempt: Attempt, input: PreparedInput): void;
  /** Takes back a call that has not begun; the caller ends it. @returns whether it did. */
  takeBack(attempt: Attempt): boolean;
  /** A call that runs can only be asked to stop: killing it would kill the actor. */
  cancel(attempt: Attempt, how: 'ask' | 'kill'): CancelAnswer;
  /** Ends the actor; calls still open end `lost`. */
  stop(reason: string): Promise<void>;
}
