/** Errors as text between brokers: a code of the one table and a message, nothing else is revived. */
import { AnantError, type ErrorCode, isErrorCode } from '@anant/core';

const TEXT_CHARACTERS_MAX = 2_000;
const RETRYABLE: readonly ErrorCode[] = ['E_QUEUE_FULL', 'E_BACKEND_UNAVAILABLE', 'E_LOST'];

export function toErrorText(error: unknown): string {
  const code = AnantError.is(error) ? error.code : 'E_APP_ERROR';
  const message = error instanceof Error ? error.message : String(error);
  return `${code} ${message}`.slice(0, TEXT_CHARACTERS_MAX);
}

export function fromErrorText(text: string): AnantError {
  const at = text.indexOf(' ');
  const code = text.slice(0, at);
  if (!isErrorCode(code)) return new AnantError('E_APP_ERROR', text);
  return new AnantError(code, text.slice(at + 1), { retryable: RETRYABLE.includes(code) });
}
