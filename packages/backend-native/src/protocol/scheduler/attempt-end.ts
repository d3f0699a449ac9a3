/** How an attempt ended, as the head keeps it until the driver has it. */
import type { AttemptOutcome } from '@anant/core';
import type { WorkerId } from './worker-spec.js';

/** What the head itself says of an attempt. */
export type HeadOutcome = Extract<AttemptOutcome, { status: 'cancelled' | 'lost' | 'unknown' | 'refused' }>;

/** Reported by a worker: `body` is the encoded outcome (or where its result lies), opaque to the scheduler. */
export interface ReportedEnd {
  readonly by: 'worker';
  readonly worker: WorkerId;
  readonly status: AttemptOutcome['status'];
  readonly body: Uint8Array;
}

export interface DecidedEnd {
  readonly by: 'head';
  readonly outcome: HeadOutcome;
}

export type AttemptEnd = ReportedEnd | DecidedEnd;

export const decided = (outcome: HeadOutcome): DecidedEnd => ({ by: 'head', outcome });

export const statusOf = (end: AttemptEnd): AttemptOutcome['status'] =>
  end.by === 'head' ? end.outcome.status : end.status;
