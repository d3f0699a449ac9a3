/** Waits with a deadline. */
import { type Clock, systemClock } from '@anant/core';

/** Whether `promise` settled within `timeoutMs`; how it settled does not matter. */
export async function within(
  promise: Promise<unknown>,
  timeoutMs: number,
  clock: Clock = systemClock,
): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const cancel = clock.schedule(timeoutMs, () => resolve(false));
    const settled = (): void => {
      cancel();
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
