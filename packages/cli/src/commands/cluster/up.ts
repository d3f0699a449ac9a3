/** `anant up` and `anant down`: a cluster on this machine, one process for each of its parts. */
import { availableParallelism } from 'node:os';
import { downLocalCluster, findLocalCluster, upLocalCluster } from '@anant/backend-native/cluster';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';

export interface UpCommandOptions extends CommonOptions {
  readonly workers: number;
  readonly slots?: number;
  readonly port: number;
  readonly metricsPort?: number;
  /** What acknowledged tasks survive. */
  readonly journal?: 'memory' | 'os' | 'fsync';
}

export async function upCommand(options: UpCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { workers, port, metricsPort, journal } = options;
  const slots = options.slots ?? Math.max(1, Math.floor(availableParallelism() / workers));
  const directory = process.cwd();
  const {
    address,
    head,
    workers: nodes,
  } = await upLocalCluster({
    directory,
    workers,
    port,
    native: { slots },
    ...(journal && { journal }),
    ...(metricsPort !== undefined && { metricsPort }),
  });
  if (options.json) {
    printJson(context, { address, directory, head, workers: nodes, slots: slots * workers });
    return EXIT.ok;
  }
  const { terminal } = context;
  terminal.result(
    `${terminal.style('green', '✓')} The cluster runs at ${address}: 1 head, ${workers} workers, ${slots * workers} slots.`,
  );
  terminal.result(`  head      process ${head.pid}`);
  for (const { name, pid } of nodes) terminal.result(`  ${name.padEnd(9)} process ${pid}`);
  if (metricsPort) terminal.result(`  metrics   http://127.0.0.1:${metricsPort}/metrics`);
  terminal.note("Use it:  backends: { native: { cluster: { address: 'auto' } } } in anant.config.ts");
  terminal.note('See it:  npx anant status      End it:  npx anant down');
  return EXIT.ok;
}

export async function downCommand(options: CommonOptions, context: CommandContext): Promise<ExitCode> {
  const directory = findLocalCluster(process.cwd())?.directory ?? process.cwd();
  const result = await downLocalCluster(directory);
  if (options.json) {
    printJson(context, { directory, ended: result?.ended ?? [], killed: result?.killed ?? [] });
    return EXIT.ok;
  }
  if (result === undefined) context.terminal.result('No cluster runs for this folder.');
  else {
    const { ended, killed } = result;
    const forced = killed.length > 0 ? `, ${killed.length} of them by force` : '';
    context.terminal.result(`The cluster has ended: ${ended.length + killed.length} processes${forced}.`);
  }
  return EXIT.ok;
}
