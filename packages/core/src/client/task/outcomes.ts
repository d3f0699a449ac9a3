/** How tasks end, made in one place: each outcome with its error, and the error with its outcome. */
import type { CancelStrategy, GpuDevice, Outcome, TimeoutKind, Warning } from '../../contract/index.js';
import { AnantError, type ErrorCode } from '../../error/index.js';
import type { Task } from './task.js';

interface Base {
  readonly backend: string;
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly warnings: readonly Warning[];
  readonly device?: GpuDevice;
}

function baseOf(task: Task, nowMs: number): Base {
  return {
    backend: task.lane.id,
    attempts: task.attempt,
    elapsedMs: nowMs - task.submittedMs,
    warnings: task.warnings,
    ...(task.device && { device: task.device }),
  };
}

export function okOutcome(task: Task, value: unknown, nowMs: number): Outcome {
  const base = {
    status: 'ok',
    value,
    backend: task.lane.id,
    attempts: task.attempt,
    elapsedMs: nowMs - task.submittedMs,
    warnings: task.warnings,
  } as const;
  return task.device === undefined ? base : { ...base, device: task.device };
}

/** The task threw, or could not be run by any backend: `error.code` tells. */
export function appErrorOutcome(task: Task, error: Error, nowMs: number): Outcome {
  return carried({ ...baseOf(task, nowMs), status: 'app-error', error });
}

export function cancelledOutcome(task: Task, how: CancelStrategy, nowMs: number, cause?: unknown): Outcome {
  const error = endError(task, 'E_CANCELLED', `was cancelled (${how})`, { cause });
  return carried({ ...baseOf(task, nowMs), status: 'cancelled', how, error });
}

export function timeoutOutcome(task: Task, timeout: TimeoutKind, nowMs: number): Outcome {
  const limitMs = task.plan.options.timeouts[TIMEOUT_OPTIONS[timeout]];
  const error = endError(task, 'E_TIMEOUT', `exceeded its ${timeout} timeout of ${limitMs} ms`, {
    advice: `Raise timeouts.${TIMEOUT_OPTIONS[timeout]}, or find out why it takes so long.`,
    facts: { timeout },
  });
  return carried({ ...baseOf(task, nowMs), status: 'timeout', timeout, error });
}

export function lostOutcome(task: Task, reason: string, nowMs: number, cause?: unknown): Outcome {
  const attempts = task.attempt === 1 ? 'its only attempt' : `attempt ${task.attempt}`;
  const error = endError(task, 'E_LOST', `was lost in ${attempts}: ${reason}`, {
    advice:
      'It may have run in part. Find out why it was lost, or let it be tried more often with retry.attempts.',
    cause,
  });
  return carried({ ...baseOf(task, nowMs), status: 'lost', reason, error });
}

export function unknownOutcome(task: Task, reason: string, nowMs: number): Outcome {
  const error = endError(task, 'E_OUTCOME_UNKNOWN', `may or may not have run: ${reason}`, {
    advice: 'Check its effects before you submit it again.',
  });
  return carried({ ...baseOf(task, nowMs), status: 'unknown', reason, error });
}

/** @param because The id of the task it depends on. */
export function skippedOutcome(task: Task, because: string, cause: unknown, nowMs: number): Outcome {
  const error = endError(task, 'E_SKIPPED', `was skipped because "${because}" did not end ok`, {
    cause,
    facts: { because },
  });
  return carried({ ...baseOf(task, nowMs), status: 'skipped', because, error });
}

/** The error of an outcome that is not `ok`; its `details.outcome` is the outcome. */
export function errorOf(outcome: Outcome): Error | undefined {
  return outcome.status === 'ok' ? undefined : outcome.error;
}

const TIMEOUT_OPTIONS = {
  'schedule-to-start': 'scheduleToStartMs',
  'start-to-close': 'startToCloseMs',
  'schedule-to-close': 'scheduleToCloseMs',
  heartbeat: 'heartbeatMs',
} as const;

interface EndDetails {
  readonly advice?: string;
  readonly cause?: unknown;
  /** Joins the error's `details`. */
  readonly facts?: Readonly<Record<string, string>>;
}

function endError(
  task: Task,
  code: ErrorCode,
  what: string,
  { advice, cause, facts }: EndDetails,
): AnantError {
  // Reasons come from backends and engines, some with a full stop of their own.
  const sentence = what.replace(/\.+$/, '');
  return new AnantError(code, `Task "${task.plan.definition.name}" (${task.id}) ${sentence}.`, {
    details: { task: task.id, backend: task.lane.id, ...facts },
    ...(advice !== undefined && { advice }),
    ...(cause !== undefined && { cause }),
  });
}

/** Lets the error carry the outcome, out of sight of what prints or serialises the error. */
function carried(outcome: Outcome & { readonly error: Error }): Outcome {
  const { error } = outcome;
  if (AnantError.is(error) && !('outcome' in error.details)) {
    Object.defineProperty(error.details, 'outcome', { value: outcome, enumerable: false });
  }
  return outcome;
}
