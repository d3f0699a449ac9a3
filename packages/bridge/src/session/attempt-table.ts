/** The attempts that are open in this session, and what the bridge's events mean for them. */
import {
  AnantError,
  type AttemptOutcome,
  type RemoteErrorData,
  type StartedExecution,
  type TaskEndEvent,
  type TaskEvent,
  type TaskId,
  type Warning,
} from '@anant/core';
import { decodeValue, type EncodedValue } from '@anant/core/codec';
import type { ValueReader } from '../wire/encoded-value.js';
import { readWord } from './read-body.js';

interface OpenAttempt {
  readonly id: TaskId;
  readonly attempt: number;
  started: StartedExecution;
  nextSequence: number;
}

const STARTED: readonly StartedExecution[] = ['no', 'yes', 'maybe'];

/** Exactly one `task-end` leaves here per attempt that came in. Events of attempts that are not open are dropped. */
export class AttemptTable {
  readonly #open = new Map<string, OpenAttempt>();
  /** The newest open attempt of each task. */
  readonly #newest = new Map<TaskId, OpenAttempt>();
  readonly #backend: string;

  constructor(backend: string) {
    this.#backend = backend;
  }

  get size(): number {
    return this.#open.size;
  }

  has(id: TaskId, attempt: number): boolean {
    return this.#open.has(keyOf(id, attempt));
  }

  /** Answers false when that attempt is open already. */
  add(id: TaskId, attempt: number): boolean {
    const key = keyOf(id, attempt);
    if (this.#open.has(key)) return false;
    // It was handed to the bridge: from now on it may have started.
    const opened: OpenAttempt = { id, attempt, started: 'maybe', nextSequence: 0 };
    this.#open.set(key, opened);
    if (!((this.#newest.get(id)?.attempt ?? 0) > attempt)) this.#newest.set(id, opened);
    return true;
  }

  /** Fencing: ends the attempt that a newer one of the same task is about to replace. */
  replace(id: TaskId, attempt: number): TaskEndEvent | undefined {
    const older = this.#newest.get(id);
    if (!older || older.attempt >= attempt) return undefined;
    const reason = `Attempt ${attempt} of the task replaced this one.`;
    return this.#end(older, { status: 'lost', reason, started: older.started }, undefined);
  }

  /** @throws TypeError when the event is malformed; its values are read from `values` even if it is dropped. */
  apply(event: unknown, values: ValueReader): TaskEvent | undefined {
    if (!Array.isArray(event) || typeof event[1] !== 'string' || typeof event[2] !== 'number') {
      throw new TypeError('An event must be [kind, id, attempt, …].');
    }
    const [kind, id, attempt] = event as [string, TaskId, number];
    const target = this.#open.get(keyOf(id, attempt));
    switch (kind) {
      case 'start':
        return target && this.#start(target, event[3]);
      case 'progress':
        return target && this.#progress(target, event);
      case 'heartbeat':
        return target && { type: 'task-heartbeat', id, attempt };
      case 'item': {
        const value = values.take(event[4]);
        return target && this.#item(target, Number(event[3]), value);
      }
      case 'end': {
        const outcome = readOutcome(event[3], event[4], values);
        return target && this.#end(target, outcome, event[5]);
      }
      default:
        throw new TypeError(`"${kind}" is no event.`);
    }
  }

  /** Ends every open attempt. */
  loseAll(reason: string): TaskEndEvent[] {
    const ends = [...this.#open.values()].map(({ id, attempt, started }): TaskEndEvent => {
      return { type: 'task-end', id, attempt, outcome: { status: 'lost', reason, started } };
    });
    this.#open.clear();
    this.#newest.clear();
    return ends;
  }

  #start(target: OpenAttempt, worker: unknown): TaskEvent {
    target.started = 'yes';
    return { type: 'task-start', id: target.id, attempt: target.attempt, worker: String(worker) };
  }

  #progress(target: OpenAttempt, event: readonly unknown[]): TaskEvent {
    const [done, total] = [Number(event[3]), Number(event[4])];
    if (!(done >= 0 && total >= 0))
      throw new TypeError('Progress must be two numbers that are not negative.');
    const note = typeof event[5] === 'string' ? { note: event[5] } : {};
    return { type: 'task-progress', id: target.id, attempt: target.attempt, done, total, ...note };
  }

  #item(target: OpenAttempt, sequence: number, value: EncodedValue): TaskEvent | undefined {
    if (sequence < target.nextSequence) return undefined;
    if (sequence > target.nextSequence) {
      const reason = `Item ${target.nextSequence} of the stream is missing; item ${sequence} came.`;
      return this.#end(target, { status: 'lost', reason, started: 'yes' }, undefined);
    }
    target.nextSequence += 1;
    const decoded = decodeSafely(value);
    if ('problem' in decoded) return this.#end(target, undecodable(decoded.problem), undefined);
    const { id, attempt } = target;
    return { type: 'task-item', id, attempt, sequence, value: decoded.value };
  }

  #end(target: OpenAttempt, outcome: AttemptOutcome, warnings: unknown): TaskEndEvent {
    const { id, attempt } = target;
    this.#open.delete(keyOf(id, attempt));
    if (this.#newest.get(id) === target) this.#newest.delete(id);
    const list = this.#readWarnings(warnings);
    return { type: 'task-end', id, attempt, outcome, ...(list.length > 0 && { warnings: list }) };
  }

  #readWarnings(warnings: unknown): Warning[] {
    if (!Array.isArray(warnings)) return [];
    return warnings.map((warning: Partial<Warning>) => ({
      type: readWord(warning.type, ['unsupported', 'degraded', 'fallback', 'deprecated'], 'warning type'),
      subject: String(warning.subject),
      backend: this.#backend,
      message: String(warning.message),
    }));
  }
}

const keyOf = (id: TaskId, attempt: number): string => `${attempt} ${id}`;

function readOutcome(status: unknown, detail: unknown, values: ValueReader): AttemptOutcome {
  const parts = Array.isArray(detail) ? (detail as readonly unknown[]) : [];
  switch (status) {
    case 'ok': {
      if (detail === null) return { status, value: undefined };
      const decoded = decodeSafely(values.take(detail));
      return 'problem' in decoded ? undecodable(decoded.problem) : { status, value: decoded.value };
    }
    case 'ok-reference':
      return { status, object: String(parts[0]), bytes: Number(parts[1]) };
    case 'app-error':
      return { status, error: readRemoteError(detail) };
    case 'cancelled':
      return { status, how: readWord(detail, ['forget', 'ask', 'kill'], 'way to cancel') };
    case 'lost': {
      const started = readWord(parts[1], STARTED, 'answer to whether it started');
      return { status, reason: String(parts[0]), started, ...(parts[2] === true && { suspect: true }) };
    }
    case 'unknown':
      return { status, reason: String(detail) };
    case 'refused': {
      const advice = typeof parts[2] === 'string' && parts[2] ? { advice: parts[2] } : {};
      return { status, code: String(parts[0]), reason: String(parts[1]), ...advice };
    }
    default:
      throw new TypeError(`"${String(status)}" is no outcome.`);
  }
}

function readRemoteError(detail: unknown): RemoteErrorData {
  const error = detail as Partial<RemoteErrorData> | null;
  if (typeof error?.type !== 'string' || typeof error.message !== 'string') {
    throw new TypeError('A remote error needs a type and a message.');
  }
  return error as RemoteErrorData;
}

function decodeSafely({ body, buffers }: EncodedValue): { value: unknown } | { problem: string } {
  try {
    return { value: decodeValue(body, buffers) };
  } catch (error) {
    return { problem: AnantError.is(error) ? error.message : String(error) };
  }
}

function undecodable(problem: string): AttemptOutcome {
  const message = `The result cannot be read: ${problem}`;
  return {
    status: 'app-error',
    error: { type: 'AnantError', message, code: 'E_PROTOCOL', retryable: false },
  };
}
