/** `anant config check`: reads the configuration as every other command would, and says what it means. */
import { loadConfig, toConnectOptions } from '@anant/core/config';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../command.js';
import { EXIT } from '../exit-code.js';
import { renderTable } from '../output/table.js';

export async function configCheckCommand(options: CommonOptions, context: CommandContext): Promise<ExitCode> {
  const config = await loadConfig(options.config === undefined ? {} : { file: options.config });
  await toConnectOptions(config);
  const { file, workloads, warnings, backends } = config;
  if (options.json) {
    printJson(context, { file: file ?? null, backends: Object.keys(backends), workloads, warnings });
    return EXIT.ok;
  }
  const { result, style } = context.terminal;
  result(file ? `${file} is valid.` : 'No configuration file: the defaults hold.');
  result(`Backends: ${Object.keys(backends).join(', ')}`);
  const rows = Object.entries(workloads).map(([name, route]) => [
    name,
    route.pin ? `${route.pin} (pinned)` : route.primary.join(', '),
    route.fallback === 'forbid' ? '(no fallback)' : route.secondary.join(', '),
  ]);
  for (const line of renderTable(['workload', 'primary', 'secondary'], rows)) result(line);
  for (const warning of warnings) result(`${style('yellow', '!')} ${warning}`);
  return EXIT.ok;
}
