/** Ctrl-C, once and twice, while the command drives an engine: the exit code says so and no process is left. */
import { randomUUID } from 'node:crypto';
import { afterEach, expect, it, vi } from 'vitest';
import { fileWith, startCli } from '../cli/run-cli.js';
import { processesWith, survivors } from '../conformance/support/processes.js';
import { describeEngines } from './engines.js';

const EXIT_INTERRUPTED = 130;
const START_MS_MAX = 60_000;
const ORPHANS_MS_MAX = 2_000;
/** The command, its bridge, and something of the engine. */
const PROCESSES_MIN = 3;

const PATH = Array.from(
  { length: 20_000 },
  (_, index) => `${index}\t${index}\n${index}\t${index + 1}\n`,
).join('');
const ENDLESS = ['damping=0.999999999', 'tolerance=1e-300', 'iterationsMax=1000000'].flatMap((text) => [
  '-p',
  text,
]);

describeEngines('Ctrl-C', (engine) => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([1, 2])('%i times ends command and engine', async (times) => {
    const marker = randomUUID();
    vi.stubEnv('ANANT_TEST_RUN', marker);
    const cli = startCli(['run', 'pagerank', fileWith('path.tsv', PATH), ...ENDLESS, '--backend', engine]);
    await cli.says('Route:');
    await vi.waitFor(() => expect(processesWith(marker).length).toBeGreaterThanOrEqual(PROCESSES_MIN), {
      timeout: START_MS_MAX,
      interval: 10,
    });
    const running = processesWith(marker);
    cli.process.kill('SIGINT');
    await cli.says('press Ctrl-C again');
    if (times > 1) cli.process.kill('SIGINT');
    expect((await cli.ended).exitCode).toBe(EXIT_INTERRUPTED);
    expect(await survivors(running, ORPHANS_MS_MAX)).toEqual([]);
    await vi.waitFor(() => expect(processesWith(marker)).toEqual([]), {
      timeout: ORPHANS_MS_MAX,
      interval: 10,
    });
  });
});
