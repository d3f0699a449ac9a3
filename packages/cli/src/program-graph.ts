/** The command line of `anant graph`. */
import type { Command } from 'commander';
import type { CommandContext, ExitCode } from './command.js';

type Finish = (code: ExitCode) => void;

const JSON_OPTION = ['--json', 'print one JSON document instead of text'] as const;
const FORMAT_OPTION = ['-f, --format <format>', 'format of the file (default: detected)'] as const;

export function addGraph(
  program: Command,
  context: CommandContext,
  finish: Finish,
  count: (text: string) => number,
): void {
  const graph = program.command('graph').description('convert, describe, query and draw hypergraph files');
  graph
    .command('import')
    .description('read a file of any format and write it as a compact .anant file')
    .argument('<file>', 'hypergraph file')
    .requiredOption('-o, --output <file>', 'the .anant file to write')
    .option(...FORMAT_OPTION)
    .option('--structure-only', 'leave out weights, times, directions and relations')
    .option('--bad-lines <what>', 'refuse, or skip lines that cannot be used', 'refuse')
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { importCommand } = await import('./commands/graph/import.js');
      finish(await importCommand(file, options, context));
    });
  graph
    .command('stats')
    .description('counts, degree and size distributions')
    .argument('<file>', 'hypergraph file')
    .option(...FORMAT_OPTION)
    .option('--svg <file>', 'draw the distributions')
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { statsCommand } = await import('./commands/graph/stats.js');
      finish(await statsCommand(file, options, context));
    });
  graph
    .command('export')
    .description('write a hypergraph in another format')
    .argument('<file>', 'hypergraph file')
    .requiredOption('-o, --output <file>', 'file to write; .gz at its end compresses')
    .option('-f, --format <format>', 'format to write (default: by the end of the name)')
    .option('--from <format>', 'format of the file to read (default: detected)')
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { exportCommand } = await import('./commands/graph/export.js');
      finish(await exportCommand(file, options, context));
    });
  graph
    .command('query')
    .description('answer a query, for example: neighbors 42 --hops 2')
    .argument('<file>', 'hypergraph file')
    .argument('<query>', 'the query, in quotes (docs/graph-query.md)')
    .option(...FORMAT_OPTION)
    .option('-n, --limit <count>', 'most rows where the query sets no limit', count, 100)
    .option(...JSON_OPTION)
    .action(async (file: string, query: string, options) => {
      const { queryCommand } = await import('./commands/graph/query.js');
      finish(await queryCommand(file, query, options, context));
    });
}
