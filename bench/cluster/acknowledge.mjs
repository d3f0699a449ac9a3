/** How long a submission waits for the head's acknowledgement at a steady rate, each timed from its own due moment. */
import { randomUUID } from 'node:crypto';
import { envelope, startBareDriver } from './bare-driver.mjs';
import { noop } from './tasks.mjs';

const TURN_MS = 2;

/** @returns milliseconds from when each task was due to its acknowledgement */
export async function measureAcknowledgements({ address, token }, perSecond, seconds) {
  const run = randomUUID();
  const due = [];
  const times = [];
  let ended = 0;
  const onEnd = ({ outcome }) => {
    if (outcome.status !== 'ok') throw new Error(`a task ended ${JSON.stringify(outcome)}`);
    ended += 1;
  };
  const onAcknowledged = (count) => {
    const nowMs = performance.now();
    for (let index = 0; index < count; index += 1) times.push(nowMs - due.shift());
  };
  const driver = await startBareDriver({ address, token }, { onEnd, onAcknowledged });
  const definition = await noop.reference();
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
        tasks.push(envelope(`acknowledge-${run}-${sent}`, definition, sent));
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
