/**
 * A head that acknowledges submissions durably: the scheduler's step function and its journal, fed at a steady rate.
 *
 *   node bench/journal.mjs [--rate 10000] [--seconds 10] [--level fsync] [--folder DIR] [--json]
 *
 * Submissions arrive every millisecond, as a driver's batches would. Reported: the time from a submission to its
 * acknowledgement. Exits with 1 when the rate was not held or the 99th percentile misses its goal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openJournal } from '@anant/backend-native/journal';
import { newSchedulerState, step } from '@anant/backend-native/scheduler';
import { seededRandom } from '@anant/core/testing';

const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
    level: { type: 'string', default: 'fsync' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'boolean', default: false },
  },
});
const RATE = Number(options.rate);
const SECONDS = Number(options.seconds);
/** Milliseconds: the 99th percentile, in memory and on disk. */
const GOALS = { memory: 5, os: 10, fsync: 10 };
const PAYLOAD = new Uint8Array(200).fill(65);
/** Tasks per second that must be acknowledged of those submitted. */
const RATE_SHARE_MIN = 0.98;

const path = mkdtempSync(join(options.folder, 'anant-bench-journal-'));
const journal = await openJournal({ level: options.level, path });
await journal.recover(() => {});
const state = newSchedulerState();
const random = seededRandom(1);
const submittedMs = [];
const waitsMs = [];
let acknowledged = 0;

/** Events wait their turn: a journal in memory answers while an effect is carried out. */
const events = [];
function feed(event) {
  events.push(event);
  if (events.length > 1) return;
  for (; events.length > 0; events.shift()) {
    for (const effect of step(state, events[0], { nowMs: performance.now(), random })) {
      if (effect.type === 'journal') journal.append(effect.entry);
      else if (effect.type === 'acknowledge') confirm(effect.tasks);
    }
  }
}

function confirm(tasks) {
  const nowMs = performance.now();
  for (const { id } of tasks) waitsMs.push(nowMs - submittedMs[Number(id)]);
  acknowledged += tasks.length;
}

function submit(count) {
  const nowMs = performance.now();
  const tasks = Array.from({ length: count }, () => {
    const id = submittedMs.push(nowMs) - 1;
    return {
      id: String(id),
      attempt: 1,
      digest: 'd',
      definition: 'noop',
      priority: 0,
      tenant: '',
      delivery: 'at-least-once',
      payload: PAYLOAD,
    };
  });
  feed({ type: 'submit', session: 'driver', tasks });
}

journal.listen({
  onDurable: (index) => feed({ type: 'journaled', index }),
  onState: (mode, reason) => feed({ type: 'journal-state', state: mode, reason }),
});
feed({ type: 'lead', epoch: 1 });
feed({ type: 'session-open', session: 'driver', tenant: '' });

const startMs = performance.now();
await new Promise((resolve) => {
  const timer = setInterval(() => {
    const elapsedMs = Math.min(performance.now() - startMs, SECONDS * 1000);
    const due = Math.floor((elapsedMs / 1000) * RATE) - submittedMs.length;
    if (due > 0) submit(due);
    if (elapsedMs < SECONDS * 1000) return;
    clearInterval(timer);
    resolve();
  }, 1);
});
const endMs = performance.now() + 5000;
while (acknowledged < submittedMs.length && performance.now() < endMs)
  await new Promise((resolve) => setTimeout(resolve, 5));
await journal.close();
rmSync(path, { recursive: true, force: true });

waitsMs.sort((left, right) => left - right);
const percentile = (share) => waitsMs[Math.min(waitsMs.length - 1, Math.floor(waitsMs.length * share))];
const result = {
  level: options.level,
  submitted: submittedMs.length,
  acknowledged,
  perSecond: Math.round(acknowledged / SECONDS),
  p50Ms: percentile(0.5),
  p99Ms: percentile(0.99),
  maxMs: waitsMs.at(-1),
};
const goalMs = GOALS[options.level];
const isMissed = result.perSecond < RATE * RATE_SHARE_MIN || result.p99Ms > goalMs;
if (options.json) console.log(JSON.stringify({ ...result, goalMs, isMissed }));
else
  console.log(
    `${result.level}: ${result.perSecond} submissions/s acknowledged; p50 ${result.p50Ms.toFixed(2)} ms, ` +
      `p99 ${result.p99Ms.toFixed(2)} ms (goal ${goalMs}), most ${result.maxMs.toFixed(1)} ms`,
  );
process.exitCode = isMissed ? 1 : 0;
