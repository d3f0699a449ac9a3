/** `anant graph import FILE -o OUT.anant`: any format in, one file that opens at once out. */
import { stat } from 'node:fs/promises';
import { AnantError } from '@anant/core';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { loadGraph, type RowOptions } from '../../job.js';
import { startProgress } from '../../output/progress.js';
import { formatBytes } from '../../output/terminal.js';

export interface ImportCommandOptions extends CommonOptions, RowOptions {
  readonly output: string;
  readonly format?: string;
  readonly structureOnly?: true;
  readonly badLines: string;
}

export async function importCommand(
  file: string,
  options: ImportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const startMs = performance.now();
  const { output, badLines, ids, header, separator, repeatedMembers } = options;
  if (!output.endsWith('.anant')) {
    throw new AnantError(
      'E_INPUT_INVALID',
      `The name of the file to write must end in .anant, not "${output}".`,
      {
        advice: 'Other formats are written by "anant graph export".',
      },
    );
  }
  if (badLines !== 'refuse' && badLines !== 'skip') {
    throw new AnantError('E_INPUT_INVALID', `--bad-lines must be refuse or skip, not "${badLines}".`);
  }
  const style = options.json ? 'none' : 'auto';
  const properties = options.structureOnly ? 'drop' : 'keep';
  const graph = await loadGraph(
    file,
    {
      format: options.format,
      ...{ properties, badLines, progress: style },
      rows: {
        ...(ids && { ids }),
        ...(header && { header }),
        ...(separator && { separator }),
        ...(repeatedMembers && { repeatedMembers }),
      },
    },
    context,
  );
  const progress = startProgress(context.terminal, `Writing ${output}`, style);
  await graph.save(output);
  const bytes = (await stat(output)).size;
  progress.finish(
    `${formatBytes(bytes)}, ${(bytes / Math.max(1, graph.incidenceCount)).toFixed(1)} bytes per incidence`,
  );
  if (options.json) {
    const { vertexCount, hyperedgeCount, incidenceCount, source } = graph;
    printJson(context, {
      output,
      bytes,
      input: { files: source.paths, format: source.format, warnings: source.warnings },
      vertices: vertexCount,
      hyperedges: hyperedgeCount,
      incidences: incidenceCount,
      timeMs: performance.now() - startMs,
    });
  }
  return EXIT.ok;
}
