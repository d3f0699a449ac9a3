/** A driver without the client around it: what it hears is told as it comes. */
import { ClusterDriver } from '@anant/backend-native/cluster';
import { silentLogger, systemClock } from '@anant/core';

/**
 * @param onEnd called with every task that ended, as `{ id, outcome, … }`
 * @param onAcknowledged called with how many more tasks, in the order of their submission, the head holds
 */
export function startBareDriver({ address, token }, { onEnd, onAcknowledged }) {
  const emit = (events) => {
    for (const event of events) if (event.type === 'task-end') onEnd(event);
  };
  const bounds = { windowTasks: 65_536, payloadBytesMax: 2 ** 26, objectBytesMax: 2 ** 26 };
  return ClusterDriver.start(
    { id: 'native', address, token, tls: undefined, connectTimeoutMs: 5_000, ...bounds, onAcknowledged },
    { emit, clock: systemClock, logger: silentLogger, startTimeoutMs: 10_000 },
  );
}

/** @param definition as `task.reference()` gives it */
export const envelope = (id, definition, input, options = {}) => ({
  id,
  attempt: 1,
  definition,
  input,
  references: [],
  options: { priority: 0, delivery: 'at-least-once', output: 'value', ...options },
});
