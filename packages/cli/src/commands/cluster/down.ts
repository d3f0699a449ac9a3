/** `anant down`: ends the cluster of this folder. */
import { type DownResult, downLocalCluster, findLocalCluster } from '@anant/backend-native/cluster';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { formatCounted } from '../../output/terminal.js';

export async function downCommand(options: CommonOptions, context: CommandContext): Promise<ExitCode> {
  const { terminal } = context;
  const directory = findLocalCluster(process.cwd())?.directory ?? process.cwd();
  const result = await downLocalCluster(directory);
  if (options.json) {
    printJson(context, { directory, ...(result ?? { ended: [], killed: [], missing: [] }) });
    return EXIT.ok;
  }
  if (result === undefined) terminal.result('No cluster runs for this folder.');
  else for (const line of describe(result)) terminal.result(line);
  return EXIT.ok;
}

function describe({ ended, killed, missing, keysLeft }: DownResult): string[] {
  const forced = killed.length > 0 ? `, ${killed.length} of them by force` : '';
  const count = formatCounted(ended.length + killed.length, 'process', 'processes');
  const lines = [`The cluster has ended: ${count}${forced}.`];
  if (missing.length > 0) lines.push(`Ended before: ${missing.map(({ name }) => name).join(', ')}.`);
  if (missing.length > 0 || killed.length > 0) lines.push('Logs stay in .anant/cluster.');
  if (keysLeft !== undefined) lines.push(`Redis did not answer; of this cluster it keeps ${keysLeft}`);
  return lines;
}
