/** A wait with an end. */
import type { Clock } from '../contract/index.js';

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
