import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Driver, task } from '../../../../test/support/native-driver.js';
import { NativeBackend } from './native-backend.js';

const run = promisify(execFile);
const TASKS = 100_000;
const BATCH = 5_000;

/** What this process holds: kinds of active resources, targets of file descriptors, threads. */
function holdings(): { readonly active: string[]; readonly files: string[]; readonly threads: number } {
  const files = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/g, 'n');
    } catch {
      return 'the listing itself';
    }
  });
  const threads = readdirSync('/proc/self/task').length;
  return { active: process.getActiveResourcesInfo().toSorted(), files: files.toSorted(), threads };
}

/** Handles that are closing are gone after a few turns of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function exercise(tasks: number): Promise<void> {
  const d = await Driver.start(new NativeBackend({ slots: 2 }));
  let ok = 0;
  for (let done = 0; done < tasks; done += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, tasks - done) }, (_, index) =>
      d.envelope(task('noop'), index, { mode: index % 3 === 0 ? 'async' : 'thread' }),
    );
    d.backend.doSubmit(batch);
    for (const envelope of batch.slice(-1)) await d.end(envelope);
    await d.until(
      () => (d.events.filter(({ type }) => type === 'task-end').length >= batch.length ? true : undefined),
      'the batch',
    );
    ok += d.events.filter((event) => event.type === 'task-end' && event.outcome.status === 'ok').length;
    d.events.length = 0;
  }
  expect(ok).toBe(tasks);
  await d.value(task('noop'), 1, { mode: 'process' });
  await d.run(task('exit'), { code: 1 });
  await d.backend.doActorStart({
    id: 'a',
    definition: task('Tally'),
    input: 1,
    options: { priority: 0, delivery: 'at-least-once', output: 'value' },
  });
  await d.stop(1000);
}

test.skipIf(process.platform !== 'linux')(
  `after ${TASKS} tasks and a stop, threads, handles and file descriptors are what they were`,
  { timeout: 120_000 },
  async () => {
    // The first use loads modules and starts what Node itself keeps.
    await exercise(BATCH);
    await settle();
    const before = holdings();
    await exercise(TASKS);
    await settle();
    expect(holdings()).toEqual(before);
  },
);

test('a process whose tasks have ended ends by itself, stopped or not', { timeout: 120_000 }, async () => {
  const program = `
    import { native } from '@anant/backend-native';
    import { moduleVersion, silentLogger, systemClock } from '@anant/core';
    const backend = native({ slots: 1 });
    const emit = (events) => {
      for (const event of events) if (event.type === 'task-end') console.log(event.outcome.status);
    };
    await backend.doStart({ clock: systemClock, logger: silentLogger, startTimeoutMs: 10_000, emit });
    const module = ${JSON.stringify(task('noop').module)};
    const definition = { kind: 'typescript', name: 'noop', module, export: 'noop', version: moduleVersion(module) };
    const options = { priority: 0, delivery: 'at-least-once', output: 'value' };
    const submit = (mode) =>
      backend.doSubmit([{ id: mode, attempt: 1, definition, input: 1, references: [], options: { ...options, mode } }]);
    for (const mode of ['thread', 'process', 'async']) submit(mode);
  `;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], {
    timeout: 100_000,
  });
  expect(stdout.trim().split('\n')).toEqual(['ok', 'ok', 'ok']);
});
