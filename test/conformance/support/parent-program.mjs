/** Keeps a backend busy until it is killed. Says so on standard output once tasks of every kind run. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';

const program = JSON.parse(process.argv[2]);
const backend = (await import(program.package))[program.factory](program.options);
const fixtures = new FixtureSet();
const release = join(mkdtempSync(join(tmpdir(), 'anant-parent-')), 'never');
const kinds = ['typescript', 'python'].filter(
  (kind) => backend.manifest.features[`task.${kind}`].level !== 'absent',
);

let started = 0;
await backend.doStart({
  clock: systemClock,
  logger: silentLogger,
  startTimeoutMs: 60_000,
  emit(events) {
    for (const event of events) {
      if (event.type === 'task-end')
        throw new Error(`A task that waits for ever ended: ${JSON.stringify(event)}`);
      if (event.type === 'task-start') started += 1;
      if (event.type === 'task-start' && started === kinds.length) process.stdout.write('running\n');
    }
  },
});
backend.doSubmit(
  kinds.map((kind) => ({
    // Others may have run on the same cluster a moment ago.
    id: `parent-${process.pid}-${kind}`,
    attempt: 1,
    definition: fixtures.reference(kind, 'waitForFile'),
    input: { release },
    references: [],
    options: { priority: 0, delivery: 'at-least-once', output: 'value', mode: 'process' },
  })),
);
setInterval(() => {}, 60_000);
