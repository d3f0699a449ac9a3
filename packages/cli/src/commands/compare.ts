/** `anant compare <algorithm> <file>`: the same job on several backends, checksums of the raw results side by side. */
import { AnantError, connect, formatError } from '@anant/core';
import { toConnectOptions } from '@anant/core/config';
import type { Algorithm } from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../command.js';
import { EXIT, exitCodeOf } from '../exit-code.js';
import { checksumOf, type JobArguments, type JobGraph, loadJobGraph, parseJob, runJob } from '../job.js';
import { renderTable } from '../output/table.js';
import { formatDuration } from '../output/terminal.js';
import { loadSettings, noteCluster, type SettingsOptions } from '../settings.js';

export interface CompareCommandOptions extends CommonOptions, SettingsOptions, JobArguments {
  /** Names, separated by commas. */
  readonly backends: string;
  readonly format?: string;
  readonly param: readonly string[];
  /** Seconds, for each backend. */
  readonly timeout: number;
}

/** Each worker of a cluster has a first run of its own, so that one more would be of another worker's. */
const LATER_RUNS_MAX = 4;
/** After so long no further run begins. */
const LATER_MS_MAX = 10_000;

/** How one backend did. The first run includes starting the engine and sending the data; `timeMs` is the fastest of those after it. */
export interface Comparison {
  readonly backend: string;
  readonly status: 'ok' | 'failed';
  readonly checksum?: string;
  readonly firstMs?: number;
  readonly timeMs?: number;
  /** Time of the first backend divided by this one's. */
  readonly speedUp?: number;
  readonly error?: string;
  readonly exitCode?: number;
}

interface Job {
  readonly algorithm: Algorithm;
  readonly graph: JobGraph;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export async function compareCommand(
  options: CompareCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { algorithm, file, parameters } = parseJob(options);
  const names = backendNames(options.backends);
  const settings = await loadSettings(options.config, names, options);
  if (!options.json) noteCluster(settings, context.terminal);
  const progress = options.json ? 'none' : 'auto';
  const graph = await loadJobGraph(file, { format: options.format, progress }, context);
  const rows: Comparison[] = [];
  for (const backend of names) {
    context.signal.throwIfAborted();
    rows.push(
      withSpeedUp(await measure(backend, { algorithm, graph, parameters }, options, context), rows[0]),
    );
  }
  const areEqual =
    new Set(rows.map(({ checksum }) => checksum)).size === 1 && rows[0]?.checksum !== undefined;
  if (options.json) printJson(context, { algorithm: algorithm.name, file, equal: areEqual, backends: rows });
  else show(rows, areEqual, context);
  if (areEqual) return EXIT.ok;
  return rows.find(({ exitCode }) => exitCode !== undefined)?.exitCode === EXIT.backend && rows.length === 1
    ? EXIT.backend
    : EXIT.failed;
}

function backendNames(text: string): string[] {
  const names = [
    ...new Set(
      text
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean),
    ),
  ];
  if (names.length > 0) return names;
  throw new AnantError('E_INPUT_INVALID', 'No backend was named.', {
    advice: 'Name some, for example --backends native,dask.',
  });
}

/** Each backend gets a client of its own, so that engines never run side by side on this machine. */
async function measure(
  backend: string,
  { algorithm, graph, parameters }: Job,
  options: CompareCommandOptions,
  context: CommandContext,
): Promise<Comparison> {
  try {
    const { config } = await loadSettings(options.config, [backend], options);
    await using client = connect(await toConnectOptions(config));
    const progress = options.json ? 'none' : 'auto';
    const job = { backend, timeoutMs: options.timeout * 1000, progress } as const;
    const startMs = performance.now();
    const first = await runJob(client, algorithm, graph, parameters, job, context);
    const firstMs = performance.now() - startMs;
    const checksum = checksumOf(first);
    let timeMs = Number.POSITIVE_INFINITY;
    const laterMs = performance.now();
    for (let run = 0; run < LATER_RUNS_MAX; run++) {
      const later = await runJob(client, algorithm, graph, parameters, { ...job, progress: 'none' }, context);
      if (checksumOf(later) !== checksum) {
        throw new AnantError('E_PROTOCOL', `Two runs on ${backend} gave different bytes.`);
      }
      timeMs = Math.min(timeMs, later.elapsedMs);
      if (performance.now() - laterMs > LATER_MS_MAX) break;
    }
    return { backend, status: 'ok', checksum, firstMs, timeMs };
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { backend, status: 'failed', error: formatError(error), exitCode: exitCodeOf(error) };
  }
}

function withSpeedUp(row: Comparison, base: Comparison | undefined): Comparison {
  const baseMs = base === undefined ? row.timeMs : base.timeMs;
  if (row.timeMs === undefined || baseMs === undefined) return row;
  return { ...row, speedUp: baseMs / row.timeMs };
}

function show(rows: readonly Comparison[], areEqual: boolean, { terminal }: CommandContext): void {
  const table = rows.map(({ backend, checksum, firstMs, timeMs, speedUp }) => [
    backend,
    checksum?.slice(0, 16) ?? 'failed',
    firstMs === undefined ? '–' : formatDuration(firstMs),
    timeMs === undefined ? '–' : formatDuration(timeMs),
    speedUp === undefined ? '–' : `${speedUp.toFixed(2)} ×`,
  ]);
  terminal.result('');
  const header = ['backend', 'checksum', 'first run', 'best later run', 'speed-up'];
  for (const line of renderTable(header, table, terminal.width)) terminal.result(line);
  terminal.result('');
  for (const { backend, error } of rows) {
    if (error) terminal.note(`${terminal.style('red', '✗')} ${backend}: ${error}`);
  }
  const verdict = areEqual
    ? terminal.style('green', '✓ The same bytes on every backend.')
    : terminal.style('red', '✗ Not the same result everywhere.');
  terminal.result(verdict);
}
