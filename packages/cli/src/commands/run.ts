/** `anant run <algorithm> <file>`: loads, routes, runs and shows one job. */
import { type Client, connect, DEFAULT_BACKEND, type RouteDecision } from '@anant/core';
import { toConnectOptions } from '@anant/core/config';
import { type AlgorithmResult, HypergraphInParts, SUPERSTEP_ALGORITHMS } from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../command.js';
import { EXIT } from '../exit-code.js';
import {
  checksumOf,
  type JobArguments,
  type JobGraph,
  loadJobGraph,
  parseJob,
  partitionerNamed,
  type RunJobOptions,
  routeOfJob,
  runJob,
} from '../job.js';
import { writeRankPlot } from '../output/rank-plot.js';
import { showResult, showRoute } from '../output/result-view.js';
import { formatDuration } from '../output/terminal.js';
import { loadSettings, noteCluster, type SettingsOptions } from '../settings.js';

export interface RunCommandOptions extends CommonOptions, SettingsOptions, JobArguments {
  readonly backend?: string;
  readonly format?: string;
  readonly top: number;
  readonly param: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  /** Parts to divide the graph into; what the configuration says when left out. */
  readonly partitions?: number | 'auto' | 'never';
  readonly partitioner: string;
  readonly checkpointEvery: number;
  /** Bytes that the graph may take here; what the configuration says when left out. */
  readonly memoryMax?: number;
  /** File for a rank plot of the result. */
  readonly svg?: string;
}

export async function runCommand(options: RunCommandOptions, context: CommandContext): Promise<ExitCode> {
  const startMs = performance.now();
  const { algorithm, file, parameters } = parseJob(options);
  const settings = await loadSettings(options.config, options.backend ? [options.backend] : [], options);
  const { config, startedLocally } = settings;
  const progress = options.json ? 'none' : 'auto';
  const wanted = { partitions: config.graph.partitions, ...options };
  const runsOnParts = SUPERSTEP_ALGORITHMS.includes(algorithm.name);
  const beyondMemory = wanted.partitions === 'auto' && runsOnParts ? 'divide' : 'refuse';
  const { memoryMax: memoryBytesMax = config.graph.memoryBytesMax } = options;
  const load = { format: options.format, progress, beyondMemory, memoryBytesMax } as const;
  const graph = await loadJobGraph(file, load, context);
  const divided = dividedBy(wanted, graph);
  const job: RunJobOptions = {
    backend: options.backend,
    timeoutMs: options.timeout * 1000,
    progress,
    ...(divided && { divided }),
  };
  await using client: Client = connect(await toConnectOptions(config));
  const route = routeOfJob(client, job);
  if (!options.json) {
    showRoute(route, startedLocally, context.terminal);
    if (route.backend === DEFAULT_BACKEND) noteCluster(settings, context.terminal);
  }
  const result = await runJob(client, algorithm, graph, parameters, job, context);
  const timeMs = performance.now() - startMs;
  if (options.svg !== undefined) await writeRankPlot(options.svg, result, graph);
  if (options.json) printJson(context, describe(result, graph, route, timeMs, options.top));
  else {
    showResult(result, options.top, context.terminal);
    const own = `${algorithm.name} took ${formatDuration(result.elapsedMs)} on ${result.backend}`;
    context.terminal.note(`Done in ${formatDuration(timeMs)}; ${own}.`);
  }
  return EXIT.ok;
}

function dividedBy(
  { partitions, partitioner, checkpointEvery }: RunCommandOptions,
  graph: JobGraph,
): RunJobOptions['divided'] {
  const inParts = graph instanceof HypergraphInParts;
  if (inParts && typeof partitions !== 'number') return { supersteps: { checkpointEvery } };
  if (partitions === undefined || partitions === 'never') return undefined;
  return { partitions, partitioner: partitionerNamed(partitioner), supersteps: { checkpointEvery } };
}

/** The stable fields of `--json`: backend, route, result, checksum, timeMs (docs/cli.md). */
function describe(
  result: AlgorithmResult,
  graph: JobGraph,
  route: RouteDecision,
  timeMs: number,
  top: number,
) {
  const { format, paths, warnings } = graph.source;
  return {
    algorithm: result.algorithm,
    parameters: result.parameters,
    input: { files: paths, format, warnings },
    backend: result.backend,
    route,
    result: {
      summary: Object.fromEntries(result.summary.map(({ name, value }) => [name, value])),
      top: result.table(top),
    },
    checksum: checksumOf(result),
    timeMs,
    warnings: result.warnings,
  };
}
