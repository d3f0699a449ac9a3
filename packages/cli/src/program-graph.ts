/** The command line of `anant graph`. */
import { type Command, Option } from 'commander';
import type { CommandContext } from './command.js';
import {
  type Finish,
  FORMAT_OPTION,
  finiteNumber,
  JSON_OPTION,
  memorySize,
  positiveInteger,
  querySeconds,
  rowLimit,
} from './program-options.js';

export function addGraph(program: Command, context: CommandContext, finish: Finish): void {
  const graph = program.command('graph').description('convert, describe, query and draw hypergraph files');
  graph
    .command('import')
    .description('read a file of any format and write it as a compact .anant file')
    .argument('<file>', 'hypergraph file')
    .requiredOption('-o, --output <file>', 'the .anant file to write')
    .option(...FORMAT_OPTION)
    .option('--structure-only', 'leave out weights, times, directions and relations')
    .option('--bad-lines <what>', 'refuse, or skip lines that cannot be used', 'refuse')
    .addOption(
      new Option('--ids <kind>', 'kind of ids in rows (default: by the first row)').choices([
        'integer',
        'text',
      ]),
    )
    .addOption(
      new Option(
        '--header <what>',
        'skip the first row, or none: it is data (default: by known names)',
      ).choices(['skip', 'none']),
    )
    .addOption(
      new Option('--separator <name>', 'between the fields of rows (default: detected)').choices([
        'tab',
        'comma',
        'semicolon',
        'space',
      ]),
    )
    .addOption(
      new Option(
        '--repeated-members <what>',
        'members that a hyperedge lists again (default: keep for facts and triples, otherwise merge)',
      ).choices(['merge', 'keep']),
    )
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { importCommand } = await import('./commands/graph/import.js');
      finish(await importCommand(file, options, context));
    });
  graph
    .command('partition')
    .description('divide a hypergraph into parts on disk, which "anant run" opens')
    .argument('<file>', 'hypergraph file')
    .requiredOption('-o, --output <folder>', 'folder for the parts')
    .option('--partitions <count>', 'parts, 1 to 1024', positiveInteger, 2)
    .option('--partitioner <name>', 'stream, hash or multilevel', 'stream')
    .option('--one-pass', 'never hold the whole graph: lists of hyperedges with integer members only')
    .option(...FORMAT_OPTION)
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { partitionCommand } = await import('./commands/graph/partition.js');
      finish(await partitionCommand(file, options, context));
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
    .command('slice')
    .description('write the hyperedges of a stretch of time, or count those of each window')
    .argument('<file>', 'hypergraph file with times')
    .option('-o, --output <file>', 'file to write: .anant, or a format of "anant graph export"')
    .option('--from <time>', 'from this time on', finiteNumber)
    .option('--to <time>', 'before this time', finiteNumber)
    .option('--window <length>', 'count what is in each stretch of this length instead', finiteNumber)
    .option(
      '--step <length>',
      'from the start of one window to that of the next (default: its length)',
      finiteNumber,
    )
    .option('--property <name>', 'property of hyperedges that holds their time', 'time')
    .option(...FORMAT_OPTION)
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { sliceCommand } = await import('./commands/graph/slice.js');
      finish(await sliceCommand(file, options, context));
    });
  graph
    .command('query')
    .description('answer a query, for example: neighbors 42 --hops 2')
    .argument('<file>', 'hypergraph file')
    .argument('<query>', 'the query, in quotes (docs/graph-query.md)')
    .option(...FORMAT_OPTION)
    .option('-n, --limit <count>', 'most rows where the query sets no limit, up to 1000000', rowLimit, 100)
    .option('--timeout <seconds>', 'longest time of the query, up to 86400', querySeconds, 30)
    .option('--memory <size>', 'most memory of its answer, such as 512MiB', memorySize, 268_435_456)
    .option(...JSON_OPTION)
    .action(async (file: string, query: string, options) => {
      const { queryCommand } = await import('./commands/graph/query.js');
      finish(await queryCommand(file, query, options, context));
    });
  graph
    .command('draw')
    .description('draw a small hypergraph, or what lies around a vertex, as SVG')
    .argument('<file>', 'hypergraph file')
    .requiredOption('--svg <file>', 'the picture to write')
    .option('--around <id>', 'id or label of the vertex in the middle (default: draw the whole)')
    .option('--hops <count>', 'how far from the middle', positiveInteger, 1)
    .addOption(
      new Option('--style <style>', 'how hyperedges look (default: what reads best)').choices([
        'hulls',
        'bipartite',
      ]),
    )
    .option('--vertices-max <count>', 'most vertices, nearest first', positiveInteger, 60)
    .option('--seed <number>', 'another seed turns the picture', finiteNumber, 0)
    .option(...FORMAT_OPTION)
    .option(...JSON_OPTION)
    .action(async (file: string, options) => {
      const { drawCommand } = await import('./commands/graph/draw.js');
      finish(await drawCommand(file, options, context));
    });
  graph
    .command('generate')
    .description('make a random hypergraph')
    .argument('<model>', 'uniform, chung-lu, configuration or dcsbm (docs/graph-generate.md)')
    .requiredOption('-o, --output <file>', 'file to write: .anant, or a format of "anant graph export"')
    .option('--seed <number>', 'the same seed gives the same hypergraph', finiteNumber, 0)
    .option('--vertices <count>', 'uniform: vertices', positiveInteger)
    .option('--size <count>', 'uniform: members of each hyperedge', positiveInteger)
    .option('--hyperedges <count>', 'uniform: different hyperedges', positiveInteger)
    .option('--probability <p>', 'uniform: of each set to be a hyperedge', finiteNumber)
    .option('--like <file>', 'other models: graph whose degrees and sizes to take')
    .option('--scale <times>', 'other models: take them so many times over', positiveInteger, 1)
    .option('--groups <count>', 'dcsbm: groups of vertices and hyperedges, taken in turn', positiveInteger, 2)
    .option('--mixing <share>', 'dcsbm: share of members from other groups', finiteNumber, 0.1)
    .option('-b, --backend <name>', 'backend to use')
    .option(...JSON_OPTION)
    .action(async (model: string, options) => {
      const { generateCommand } = await import('./commands/graph/generate.js');
      finish(await generateCommand(model, options, context));
    });
}
