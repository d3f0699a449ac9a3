/** Reads a task's stream, never further ahead of its reader than its credits. */
import type { LazyCall } from './lazy-call.js';

/**
 * Takes items until the stream ends or the call is closed.
 * @throws the reason of the call's signal when it was asked to stop while it waited for credits; whatever the
 * producer or `send` throws.
 */
export async function pumpStream(
  call: LazyCall,
  items: AsyncIterator<unknown> | Iterator<unknown>,
  send: (sequence: number, item: unknown) => void,
): Promise<void> {
  const { credits, signal } = call.open;
  for (let sequence = 0; ; sequence += 1) {
    if (!(await credits.take(signal))) {
      await items.return?.();
      throw signal.reason;
    }
    const step = await items.next();
    if (step.done || !call.isOpen) return;
    send(sequence, step.value);
  }
}
