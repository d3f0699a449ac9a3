/** `anant graph export FILE -o OUT`: a hypergraph in another format. */
import { AnantError } from '@anant/core';
import { nearest } from '@anant/core/config';
import { EXPORT_FORMATS, type ExportFormatName } from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { loadGraph } from '../../job.js';
import { startProgress } from '../../output/progress.js';
import { formatBytes } from '../../output/terminal.js';

export interface ExportCommandOptions extends CommonOptions {
  readonly output: string;
  readonly format?: string;
  readonly from?: string;
}

export async function exportCommand(
  file: string,
  options: ExportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { output } = options;
  const format = options.format === undefined ? undefined : exportFormatNamed(options.format);
  const style = options.json ? 'none' : 'auto';
  const graph = await loadGraph(file, { format: options.from, properties: 'keep', progress: style }, context);
  const progress = startProgress(context.terminal, `Writing ${output}`, style);
  const report = await graph.export(output, { ...(format && { format }), signal: context.signal });
  progress.finish(`${formatBytes(report.bytes)}, written as ${report.format}`);
  if (options.json) printJson(context, { output, ...report });
  else {
    const { note, style: styled } = context.terminal;
    for (const warning of report.warnings) note(`${styled('yellow', '!')} ${warning}`);
  }
  return EXIT.ok;
}

function exportFormatNamed(name: string): ExportFormatName {
  const format = EXPORT_FORMATS.find((known) => known === name);
  if (format) return format;
  const close = nearest(name, EXPORT_FORMATS);
  throw new AnantError('E_INPUT_INVALID', `There is no format "${name}" to write.`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${EXPORT_FORMATS.join(', ')}; .anant files are written by "anant graph import".`,
  });
}
