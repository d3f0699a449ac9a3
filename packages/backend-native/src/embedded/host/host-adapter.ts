/** How a kind of task travels to a host child and back. */
import type { HostCall, HostEnd } from '@anant/bridge/host';
import type { AttemptOutcome } from '@anant/core';
import type { EncodedValue } from '@anant/core/codec';
import type { Attempt } from '../attempt.js';
import type { PreparedInput } from '../prepared-input.js';

export interface HostAdapter {
  /**
   * When a call has started: as soon as a child has it, or with its first sign of life, because the child may have
   * something to start itself.
   */
  readonly startsWith: 'call' | 'sign-of-life';
  /** The call for an attempt. Whatever it throws or rejects with refuses the attempt. */
  callOf(attempt: Attempt, input: PreparedInput): HostCall | Promise<HostCall>;
  /** The encoded value that the child's encoded value stands for. */
  valueOf(attempt: Attempt, value: EncodedValue): EncodedValue | Promise<EncodedValue>;
  /** The outcome of an attempt that did not end `ok`. */
  failureOf(attempt: Attempt, end: Exclude<HostEnd, { status: 'ok' }>): AttemptOutcome;
  /** Called when the attempt needs nothing more. */
  forget?(attempt: Attempt): void;
}
