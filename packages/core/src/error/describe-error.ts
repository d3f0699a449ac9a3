/** Errors of user code as data, and back: what a worker reports and what a caller sees. */
import type { RemoteErrorData } from '../contract/index.js';
import { AnantError } from './anant-error.js';
import { ERROR_CODES, type ErrorCode } from './codes.js';
import { RemoteError } from './remote-error.js';

/** Causes that are followed; a chain that is longer, or runs in a circle, ends there. */
const CAUSES_MAX = 8;
/** Longest message or traceback; the rest is cut, and says so. */
const TEXT_CHARACTERS_MAX = 32_768;

/** Bounded and well-formed: half a surrogate pair, thrown or left by the cut, could not travel. */
function clip(text: string): string {
  const isLong = text.length > TEXT_CHARACTERS_MAX;
  const kept = isLong ? `${text.slice(0, TEXT_CHARACTERS_MAX)} … (cut)` : text;
  return (kept as string & { toWellFormed(): string }).toWellFormed();
}

/** Describes anything that was thrown. Never throws. */
export function describeError(thrown: unknown): RemoteErrorData {
  return describeSafely(thrown, 0);
}

function describeSafely(thrown: unknown, depth: number): RemoteErrorData {
  try {
    return describe(thrown, depth);
  } catch {
    return { type: 'Error', message: 'The task threw a value that cannot be described.' };
  }
}

function describe(thrown: unknown, depth: number): RemoteErrorData {
  if (typeof thrown !== 'object' || thrown === null) {
    return { type: thrown === null ? 'null' : typeof thrown, message: clip(String(thrown)) };
  }
  const error = thrown as Partial<Error> & { retryable?: unknown };
  return {
    type: typeof error.name === 'string' && error.name ? clip(error.name) : 'Error',
    message: clip(typeof error.message === 'string' ? error.message : String(thrown)),
    ...(AnantError.is(thrown) && { code: thrown.code }),
    ...(typeof error.stack === 'string' && { traceback: clip(error.stack) }),
    ...(error.cause !== undefined && depth < CAUSES_MAX && { cause: describeSafely(error.cause, depth + 1) }),
    ...(error.retryable === false && { retryable: false }),
  };
}

/** True for the codes of the table. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);
}

/**
 * The error a caller sees for one that was raised elsewhere: its type, message, traceback and chain of causes. The
 * code is the remote one when it is Anant's own, else `E_APP_ERROR`.
 */
export function reviveError(data: RemoteErrorData): RemoteError {
  const code = isErrorCode(data.code) ? data.code : 'E_APP_ERROR';
  return new RemoteError(code, data.message, {
    type: data.type,
    traceback: data.traceback,
    retryable: data.retryable ?? true,
    details: { type: data.type, ...(data.traceback !== undefined && { traceback: data.traceback }) },
    ...(data.cause && { cause: reviveError(data.cause) }),
  });
}
