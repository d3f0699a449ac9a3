/** How long a submission waits for the head's acknowledgement at a steady rate, each timed from its own due moment. */
import { ClusterDriver } from '@anant/backend-native/cluster';
import { silentLogger, systemClock } from '@anant/core';
import { noop } from './tasks.mjs';

const TURN_MS = 2;

/** @returns milliseconds from when each task was due to its acknowledgement */
export async function measureAcknowledgements({ address, token }, perSecond, seconds) {
  const due = [];
  const times = [];
  let ended = 0;
  const emit = (events) => {
    for (const event of events) {
      if (event.type !== 'task-end') continue;
      if (event.outcome.status !== 'ok') throw new Error(`a task ended ${JSON.stringify(event.outcome)}`);
      ended += 1;
    }
  };
  const onAcknowledged = (count) => {
    const nowMs = performance.now();
    for (let index = 0; index < count; index += 1) times.push(nowMs - due.shift());
  };
  const driver = await ClusterDriver.start(
    {
      id: 'native',
      address,
      token,
      tls: undefined,
      connectTimeoutMs: 5_000,
      windowTasks: 65_536,
      payloadBytesMax: 2 ** 26,
      objectBytesMax: 2 ** 26,
      onAcknowledged,
    },
    { emit, clock: systemClock, logger: silentLogger, startTimeoutMs: 10_000 },
  );
  const definition = await noop.reference();
  const taskOptions = { priority: 0, delivery: 'at-least-once', output: 'value' };
  const startMs = performance.now();
  const total = perSecond * seconds;
  let sent = 0;
  await new Promise((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startMs;
      const wanted = Math.min(total, Math.floor((elapsedMs / 1000) * perSecond));
      const tasks = [];
      for (; sent < wanted; sent += 1) {
        due.push(startMs + (sent / perSecond) * 1000);
        const id = `acknowledge-${process.pid}-${sent}`;
        tasks.push({ id, attempt: 1, definition, input: sent, references: [], options: taskOptions });
      }
      driver.submit(tasks);
      if (sent < total) return;
      clearInterval(timer);
      resolve();
    }, TURN_MS);
  });
  const endMs = performance.now() + 20_000;
  while (ended < total && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
  await driver.stop({ graceMs: 0 });
  if (ended !== total) throw new Error(`${ended} of ${total} tasks ended`);
  // The first second warms up.
  return times.slice(perSecond);
}
