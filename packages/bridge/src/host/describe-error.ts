/** A thrown value of user code as data. */
import { AnantError, type RemoteErrorData } from '@anant/core';

const CAUSES_MAX = 8;
const TEXT_CHARACTERS_MAX = 32_768;

const clip = (text: string): string =>
  text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX)} … (cut)`;

/** Describes anything that was thrown. Never throws; follows at most 8 causes. */
export function describeError(thrown: unknown, depth = 0): RemoteErrorData {
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
  const type = typeof error.name === 'string' && error.name ? error.name : 'Error';
  const message = typeof error.message === 'string' ? error.message : String(thrown);
  return {
    type,
    message: clip(message),
    ...(AnantError.is(thrown) && { code: thrown.code }),
    ...(typeof error.stack === 'string' && { traceback: clip(error.stack) }),
    ...(error.cause !== undefined && depth < CAUSES_MAX && { cause: describeError(error.cause, depth + 1) }),
    ...(error.retryable === false && { retryable: false }),
  };
}
