/** Waits with an end: a moment, or a signal. */
import type { Clock } from '../contract/index.js';
import { AnantError } from '../error/index.js';

/** Settles like `promise`, or rejects with what `onLate` makes after `timeoutMs`. */
export function withDeadline<Value>(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<Value>,
  onLate: () => Error,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () => reject(onLate()));
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}

/** @throws AnantError `E_CANCELLED` when the signal is aborted. @param what For the message. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw aborted(signal, what);
}

/** Settles like `promise`, or rejects with `E_CANCELLED` when the signal is aborted before. */
export function untilAborted<Value>(
  signal: AbortSignal | undefined,
  promise: Promise<Value>,
  what: string,
): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted(signal, what));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}

const aborted = (signal: AbortSignal, what: string): AnantError =>
  new AnantError('E_CANCELLED', `${what} was given up: its signal is aborted.`, { cause: signal.reason });
