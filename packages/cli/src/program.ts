/** The command line: names, options and help of every command. Each command's code loads only when it runs. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CommandContext, ExitCode } from './command.js';
import { addCerts } from './program-certs.js';
import { addCluster } from './program-cluster.js';
import { addGraph } from './program-graph.js';
import {
  CONFIG_OPTION,
  type Finish,
  FORMAT_OPTION,
  JSON_OPTION,
  memorySize,
  positiveInteger,
  positiveNumber,
  repeatable,
} from './program-options.js';

/** @param finish receives the exit code of the command that ran. */
export function buildProgram(context: CommandContext, finish: (code: ExitCode) => void): Command {
  const program = new Command('anant')
    .description('Runs graph, hypergraph and knowledge-graph workloads on the engine that suits each.')
    .version(packageVersion())
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(run "anant --help" for the commands)')
    .showSuggestionAfterError();
  addRun(program, context, finish);
  addCompare(program, context, finish);
  addInspection(program, context, finish);
  addCluster(program, context, finish);
  addGraph(program, context, finish);
  addCerts(program, context, finish);
  return program;
}

function addRun(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('run')
    .description('run an algorithm on a file')
    .argument('<algorithm>', 'name of the algorithm ("anant algorithms" lists them)', String)
    .argument('<file>', 'hypergraph file; the format is detected')
    .option('-b, --backend <name>', 'use this backend instead of the routed one')
    .option('--embedded', 'native in this process, although `anant up` started a cluster for this folder')
    .option(...FORMAT_OPTION)
    .option('-n, --top <count>', 'rows of the result to show', positiveInteger, 10)
    .addOption(repeatable('-p, --param <name=value...>', 'parameter of the algorithm'))
    .option('--timeout <seconds>', 'give up after this long', positiveNumber, 600)
    .option(
      '--partitions <count>',
      'divide the graph, and run by supersteps on the parts; auto: where the estimate says that it pays; never',
      countOfParts,
    )
    .option('--partitioner <name>', 'how to divide it: hash, stream or multilevel', 'stream')
    .option('--checkpoint-every <count>', 'supersteps between checkpoints of the parts', positiveInteger, 16)
    .option(
      '--memory-max <size>',
      'memory that the graph may take, for example 512MiB (default: 4GiB)',
      memorySize,
    )
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .option('--svg <file>', 'write a rank plot of the result')
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', PARAMETERS_HELP)
    .action(async (_algorithm: string, _file: string, options, command: Command) => {
      const { runCommand } = await import('./commands/run.js');
      finish(await runCommand({ ...options, ...argumentsOf(command) }, context));
    });
  program
    .command('algorithms')
    .description('list the algorithms and their parameters')
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { algorithmsCommand } = await import('./commands/algorithms.js');
      finish(algorithmsCommand(options, context));
    });
}

function addCompare(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('compare')
    .description('run the same job on several backends and compare the bytes of the results')
    .argument('<algorithm>', 'name of the algorithm')
    .argument('<file>', 'hypergraph file')
    .option('--backends <names>', 'backends, separated by commas', 'native,dask,ray,celery')
    .option('--embedded', 'native in this process, although `anant up` started a cluster for this folder')
    .option(...FORMAT_OPTION)
    .addOption(repeatable('-p, --param <name=value...>', 'parameter of the algorithm'))
    .option('--timeout <seconds>', 'give up on a backend after this long', positiveNumber, 600)
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText('after', PARAMETERS_HELP)
    .action(async (_algorithm: string, _file: string, options, command: Command) => {
      const { compareCommand } = await import('./commands/compare.js');
      finish(await compareCommand({ ...options, ...argumentsOf(command) }, context));
    });
}

function addInspection(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('route')
    .description('say which backend a workload goes to')
    .argument('<workload>', 'for example graph-analytics, batch or interactive')
    .option('-e, --explain', 'say why, and why not elsewhere')
    .option('-r, --require <feature...>', 'features the task cannot do without')
    .option('-b, --backend <name>', 'as if this backend were pinned')
    .option('--file <file>', 'hypergraph: estimate what an algorithm takes on one machine and on partitions')
    .option('--algorithm <name>', 'the algorithm to estimate', 'pagerank')
    .option('--partitions <count>', 'parts to estimate', positiveInteger, 2)
    .option('--partitioner <name>', 'how the parts are made: hash, stream or multilevel', 'stream')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action(async (workload: string, options) => {
      const { routeCommand } = await import('./commands/route.js');
      finish(await routeCommand(workload, options, context));
    });
  program
    .command('doctor')
    .description('say what is usable here, what is missing and the command that fixes it')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action(async (options) => {
      const { doctorCommand } = await import('./commands/doctor.js');
      finish(await doctorCommand(options, context));
    });
  program
    .command('setup')
    .description('make a private environment for an engine, Python or gpu.js, and install what it needs')
    .argument(
      '<engine...>',
      'dask, ray, celery, python for Python tasks on the embedded backend, or gpu for tasks in mode gpu',
    )
    .option(...JSON_OPTION)
    .action(async (engines: string[], options) => {
      const { setupCommand } = await import('./commands/setup.js');
      finish(await setupCommand(engines, options, context));
    });
  program
    .command('config')
    .description('work with the configuration')
    .command('check')
    .description('check the configuration and show what it means')
    .option(...JSON_OPTION)
    .option(...CONFIG_OPTION)
    .action(async (options) => {
      const { configCheckCommand } = await import('./commands/config-check.js');
      finish(await configCheckCommand(options, context));
    });
}

const PARAMETERS_HELP =
  '\nParameters of the algorithm are options too: --s 2, --damping 0.9, --iterations-max 50.';

/** What the command's own options left, and the names of those options. */
function argumentsOf(command: Command): { arguments: readonly string[]; ownOptions: readonly string[] } {
  return {
    arguments: command.args,
    ownOptions: command.options.flatMap(({ long }) => (long ? [long.slice(2)] : [])),
  };
}

function packageVersion(): string {
  const manifest = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

function countOfParts(text: string): number | 'auto' | 'never' {
  return text === 'auto' || text === 'never' ? text : positiveInteger(text);
}
