/** `anant scale`: keeps the cluster of this folder as large as its load needs, until it is interrupted. */
import { availableParallelism, totalmem } from 'node:os';
import type { NativeOptions } from '@anant/backend-native';
import {
  AutoScaler,
  type AutoScalerOptions,
  findLocalCluster,
  LocalWorkers,
  type ScalerReport,
} from '@anant/backend-native/cluster';
import { AnantError, formatError } from '@anant/core';
import type { CommandContext, CommonOptions, ExitCode } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { formatCounted } from '../../output/terminal.js';
import { loadNativeSettings, type NativeSettings, workerOptions } from './native-settings.js';
import { withAdmin } from './reach.js';

export interface ScaleCommandOptions extends CommonOptions {
  readonly min: number;
  readonly max: number;
  readonly slots?: number;
  readonly interval: number;
  /** Seconds. */
  readonly downAfter: number;
  /** Seconds. */
  readonly drainTarget: number;
  readonly advise?: true;
  /** Looks after which it ends. */
  readonly count?: number;
}

export async function scaleCommand(options: ScaleCommandOptions, context: CommandContext): Promise<ExitCode> {
  const local = findLocalCluster(process.cwd());
  if (local === undefined) {
    throw new AnantError('E_BACKEND_UNAVAILABLE', 'No cluster runs for this folder.', {
      advice: 'Start one with `npx anant up`; workers elsewhere are started by whoever owns their machines.',
    });
  }
  if (options.min > options.max) {
    throw new AnantError('E_INPUT_INVALID', `--min ${options.min} is more than --max ${options.max}.`);
  }
  const settings = await loadNativeSettings();
  const slots =
    options.slots ?? settings.options.slots ?? Math.max(1, Math.floor(availableParallelism() / options.max));
  const { signal } = context;
  let unseen: string | undefined;
  await withAdmin({}, async (cluster) => {
    const scaler = new AutoScaler({
      cluster,
      provider: new LocalWorkers(local.directory, nativeOf(settings, slots, options.max)),
      ...settingsOf(options),
      onDecision: (report) => {
        tell(report, options, context);
        unseen = tellUnseen(report, unseen, context);
      },
    });
    await scaler.run(signal, options.count);
  });
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** The GPUs of the machine are with the workers that `anant up` started. */
function nativeOf(settings: NativeSettings, slots: number, workersMax: number): NativeOptions {
  const own = workerOptions(settings, slots);
  return {
    ...own,
    resources: { memoryBytes: Math.floor(totalmem() / workersMax), ...own.resources, gpu: 0 },
  };
}

function settingsOf(
  options: ScaleCommandOptions,
): Pick<
  AutoScalerOptions,
  'workersMin' | 'workersMax' | 'intervalMs' | 'downWindowMs' | 'drainTargetMs' | 'mode'
> {
  return {
    workersMin: options.min,
    workersMax: options.max,
    intervalMs: options.interval,
    downWindowMs: options.downAfter * 1_000,
    drainTargetMs: options.drainTarget * 1_000,
    mode: options.advise ? 'advise' : 'act',
  };
}

/** Why the head cannot be asked, once as long as it stays the same. @returns what was told last */
function tellUnseen(
  { unseen }: ScalerReport,
  told: string | undefined,
  { terminal }: CommandContext,
): string | undefined {
  if (unseen !== undefined && unseen.message !== told)
    terminal.note(`${terminal.style('yellow', '!')} Nothing is changed: ${unseen.message}`);
  return unseen?.message;
}

/** Every decision as JSON; as text only those that change something, and trouble. */
function tell(
  { decision, workers, error }: ScalerReport,
  options: ScaleCommandOptions,
  { terminal }: CommandContext,
): void {
  if (options.json) {
    terminal.result(JSON.stringify({ workers, ...decision, ...(error && { error: error.message }) }));
    return;
  }
  if (decision.type === 'grow')
    terminal.result(`+${formatCounted(decision.count, 'worker')} (of ${workers}): ${decision.reason}`);
  if (decision.type === 'shrink') {
    terminal.result(`drains ${decision.nodes.join(', ')} (of ${workers}): ${decision.reason}`);
  }
  if (error) terminal.note(`${terminal.style('red', '✗')} ${formatError(error)}`);
}
