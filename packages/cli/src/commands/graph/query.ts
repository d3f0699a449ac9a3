/** `anant graph query FILE QUERY`: answers one query. */
import { AnantError } from '@anant/core';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { loadGraph } from '../../job.js';
import { renderTable } from '../../output/table.js';
import { formatDuration } from '../../output/terminal.js';

export interface QueryCommandOptions extends CommonOptions {
  readonly format?: string;
  readonly limit: number;
  /** In seconds. */
  readonly timeout: number;
  /** In bytes. */
  readonly memory: number;
}

export async function queryCommand(
  file: string,
  query: string,
  options: QueryCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context;
  const progress = options.json ? 'none' : 'auto';
  const graph = await loadGraph(file, { format: options.format, properties: 'keep', progress }, context);
  const startMs = performance.now();
  try {
    const { columns, rows, cut } = graph.query(query, {
      limit: options.limit,
      timeMsMax: Math.ceil(options.timeout * 1_000),
      answerBytesMax: options.memory,
    });
    const timeMs = performance.now() - startMs;
    if (options.json) {
      printJson(context, { query, columns, rows, cut: cut ?? null, timeMs });
      return EXIT.ok;
    }
    const [header = '', ...lines] = renderTable(columns, rows, terminal.width);
    terminal.result(terminal.style('bold', header));
    for (const line of lines) terminal.result(line);
    terminal.note(
      `${rows.length} rows in ${formatDuration(timeMs)}${cut ? `; there may be more: ${cut}` : ''}`,
    );
    return EXIT.ok;
  } catch (error) {
    if (!options.json && AnantError.is(error, 'E_QUERY_INVALID')) showPlace(query, error, context);
    throw error;
  }
}

/** The query with a mark below the column that is wrong. */
function showPlace(query: string, { details }: AnantError, { terminal }: CommandContext): void {
  const { column } = details as { column: number };
  if (query.includes('\n')) return;
  terminal.note(`  ${query}`);
  terminal.note(`  ${' '.repeat(column - 1)}^`);
}
