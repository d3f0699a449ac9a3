/** The cluster's scheduler as a pure step function. */

export type { FencingToken } from '../fencing-token.js';
export { compareTokens, isSameToken } from '../fencing-token.js';
export type { AttemptEnd, DecidedEnd, HeadOutcome, ReportedEnd } from './attempt-end.js';
export { decided, statusOf } from './attempt-end.js';
export type {
  AnswerNotice,
  AssignedTask,
  CommitVerdict,
  Refusal,
  RevokeNotice,
  SchedulerEffect,
  SequencedEnd,
  StartNotice,
  VerdictNotice,
} from './effect.js';
export type { CommitSpec, SchedulerEvent, TokenedKey } from './event.js';
export type { WorkerEvidence } from './evidence.js';
export type { TaskExplanation } from './explain.js';
export { explainTask } from './explain.js';
export type { SchedulerLimits, SchedulerOptions } from './options.js';
export { SCHEDULER_DEFAULTS, SCHEDULER_LIMITS } from './options.js';
export type { EndedRecord, JournalEntry, JournalRecord } from './record.js';
export { replay } from './replay.js';
export type { SchedulerReport, WorkerReport } from './report.js';
export { reportOf } from './report.js';
export type { ResourceCapacity } from './resources.js';
export { canonicalState, snapshotRecords } from './snapshot.js';
export type { SchedulerSettings, SchedulerState } from './state.js';
export { newSchedulerState } from './state.js';
export type { StepContext } from './step.js';
export { step } from './step.js';
export type {
  AttemptKey,
  CancelSpec,
  InputLocation,
  SessionId,
  TaskPlacement,
  TaskSpec,
} from './task-spec.js';
export type { HeldAttempt, LeaveReason, WorkerId, WorkerLoad, WorkerSpec } from './worker-spec.js';
