/** `anant up`: a cluster on this machine, one process for each of its parts. */
import { availableParallelism } from 'node:os';
import type { NativeOptions } from '@anant/backend-native';
import { upLocalCluster } from '@anant/backend-native/cluster';
import type { SchedulerSettings } from '@anant/backend-native/scheduler';
import { AnantError } from '@anant/core';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { formatCounted } from '../../output/terminal.js';
import { loadNativeSettings, workerOptions } from './native-settings.js';

export interface UpCommandOptions extends CommonOptions {
  readonly workers: number;
  readonly slots?: number;
  readonly port: number;
  readonly metricsPort?: number;
  /** Interface of every process. */
  readonly bind?: string;
  /** Makes certificates, and lets nobody in without one. */
  readonly secure?: true;
  /** @default what the configuration says, or 1 */
  readonly heads?: number;
  readonly redis: readonly string[];
  /** What acknowledged tasks survive. */
  readonly journal?: 'memory' | 'os' | 'fsync';
  /** Policies; those of the configuration otherwise. */
  readonly order?: SchedulerSettings['order'];
  readonly place?: SchedulerSettings['place'];
  /** `tenant=share`, each. */
  readonly weight: readonly string[];
}

export async function upCommand(options: UpCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { workers, port, bind, metricsPort, journal } = options;
  const share = Math.max(1, Math.floor(availableParallelism() / workers));
  const { scheduler, native, heads, redis } = await settingsOf(options, share);
  const slots = native.slots ?? share;
  const directory = process.cwd();
  const {
    address,
    head,
    standbys,
    workers: nodes,
  } = await upLocalCluster({
    directory,
    workers,
    port,
    native,
    scheduler,
    signal: context.signal,
    security: options.secure ? 'certificates' : 'token',
    ...(bind !== undefined && { bind }),
    heads,
    redis,
    ...(journal && { journal }),
    ...(metricsPort !== undefined && { metricsPort }),
  });
  if (options.json) {
    printJson(context, { address, directory, head, standbys, workers: nodes, slots: slots * workers });
    return EXIT.ok;
  }
  const { terminal } = context;
  terminal.result(
    `${terminal.style('green', '✓')} The cluster runs at ${address}: ${formatCounted(heads, 'head')}, ${formatCounted(workers, 'worker')}, ${formatCounted(slots * workers, 'slot')}.`,
  );
  for (const { name, pid } of [head, ...standbys, ...nodes])
    terminal.result(`  ${name.padEnd(9)} process ${pid}`);
  if (metricsPort === 0) terminal.result(`  metrics   at the address in .anant/cluster/${head.name}.log`);
  if (metricsPort) terminal.result(`  metrics   ${metricsAt(options)}:${metricsPort}/metrics`);
  if (options.secure)
    terminal.result('  secured   by the certificates in .anant/certs (`npx anant certs list`)');
  terminal.note('Use it:  npx anant run … --backend native');
  terminal.note(
    "         in code: backends: { native: { cluster: { address: 'auto' } } } in anant.config.ts",
  );
  terminal.note('See it:  npx anant status      End it:  npx anant down');
  return EXIT.ok;
}

/** With certificates where everything else listens, too; in plain only on this machine. */
const metricsAt = ({ secure, bind = '127.0.0.1' }: UpCommandOptions): string =>
  secure ? `https://${bind}` : 'http://127.0.0.1';

/** What the command line says, over what the configuration says: policies of the head, executors of the workers. */
async function settingsOf(options: UpCommandOptions, slots: number) {
  const { order, place, weight, config: file } = options;
  const settings = await loadNativeSettings(file);
  const { cluster } = settings.options;
  const weights = Object.fromEntries(weight.map(parseWeight));
  const scheduler: SchedulerSettings = {
    ...cluster?.scheduler,
    ...(order && { order }),
    ...(place && { place }),
    ...(weight.length > 0 && { weights: { ...cluster?.scheduler?.weights, ...weights } }),
  };
  const native = workerOptions(settings, options.slots ?? settings.options.slots ?? slots);
  const heads = options.heads ?? cluster?.heads ?? 1;
  const redis = options.redis.length > 0 ? options.redis : redisUrls(cluster?.redis);
  return { scheduler, native, heads, redis };
}

/** Addresses of Redis with who asks in each of them. */
export function redisUrls(redis: NonNullable<NativeOptions['cluster']>['redis']): readonly string[] {
  return [redis?.url ?? []].flat().map((text) => {
    const url = new URL(text);
    if (redis?.username !== undefined) url.username = encodeURIComponent(redis.username);
    if (redis?.password !== undefined) url.password = encodeURIComponent(redis.password);
    return url.href;
  });
}

function parseWeight(text: string): [string, number] {
  const at = text.lastIndexOf('=');
  const share = Number(text.slice(at + 1));
  if (at >= 1 && share > 0 && Number.isFinite(share)) return [text.slice(0, at), share];
  throw new AnantError(
    'E_INPUT_INVALID',
    `A weight is written tenant=share with a share above 0, not "${text}".`,
    {
      advice: 'For example: --weight research=3',
    },
  );
}
