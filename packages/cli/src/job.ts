/** A job of the command line: an algorithm, its parameters and a loaded hypergraph. */
import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnantError, type Client, KernelMemory, noRouteError, type RouteDecision } from '@anant/core';
import { nearest } from '@anant/core/config';
import {
  type Algorithm,
  type AlgorithmResult,
  algorithms,
  degreesTask,
  FORMATS,
  type FormatName,
  findAlgorithm,
  Hypergraph,
  HypergraphInParts,
  isPartsFolder,
  type LoadOptions,
  type LoadOrDivideOptions,
  loadOrDivide,
  PARTITIONER_NAMES,
  type PartitionerName,
  type RunOptions,
  SUPERSTEP_ALGORITHMS,
} from '@anant/graph';
import type { CommandContext } from './command.js';
import { directParameters, jobOperands, splitArguments } from './direct-parameters.js';
import { type ProgressStyle, startProgress } from './output/progress.js';
import { formatCount, formatCounted } from './output/terminal.js';

export function algorithmNamed(name: string): Algorithm {
  const found = findAlgorithm(name);
  if (found) return found;
  const known = Object.keys(algorithms);
  const close = nearest(name, known);
  throw new AnantError('E_INPUT_INVALID', `There is no algorithm "${name}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${known.join(', ')}.`,
    details: { algorithm: name, known },
  });
}

/** What `run` and `compare` are given: operands, and parameters as options or with `--param`. */
export interface JobArguments {
  readonly arguments: readonly string[];
  /** Names of the command's own options, for suggestions. */
  readonly ownOptions: readonly string[];
  readonly param: readonly string[];
}

/** @throws AnantError `E_INPUT_INVALID` */
export function parseJob({ arguments: args, ownOptions, param }: JobArguments) {
  const direct = splitArguments(args);
  const [name, file] = jobOperands(direct);
  const algorithm = algorithmNamed(name);
  const texts = [...param, ...directParameters(algorithm, direct.pairs, ownOptions)];
  return { algorithm, file, parameters: parseParameters(algorithm, texts) };
}

type ParameterInput = number | string | readonly string[];

/** `['damping=0.9']` as values of the types the algorithm declares. */
function parseParameters(algorithm: Algorithm, texts: readonly string[]): Record<string, ParameterInput> {
  return Object.fromEntries(texts.map((text) => parseParameter(algorithm, text)));
}

function parseParameter(algorithm: Algorithm, text: string): [string, ParameterInput] {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new AnantError('E_INPUT_INVALID', `A parameter is written name=value, not "${text}".`, {
      advice: `For example: --param ${Object.keys(algorithm.parameters)[0] ?? 'name'}=…`,
    });
  }
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  const type = algorithm.parameters[name]?.type;
  if (type === 'partition') return [name, readLines(value)];
  const isNumeric =
    (type === 'integer' || type === 'number') && value.trim() !== '' && !Number.isNaN(Number(value));
  return [name, isNumeric ? Number(value) : value];
}

/** The lines of a file: names of parts, one per vertex. */
function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split(/\r?\n/);
  } catch (cause) {
    throw new AnantError('E_FILE_NOT_FOUND', `The partition "${path}" cannot be read.`, {
      advice: 'Name a file with the part of one vertex per line, in the order of vertices.',
      details: { path },
      cause,
    });
  }
}

/** How rows are read, as `Hypergraph.load` takes it. */
export type RowOptions = Pick<LoadOptions, 'ids' | 'header' | 'separator' | 'repeatedMembers'>;

export interface LoadJobOptions {
  readonly format?: string | undefined;
  /** Whether properties are kept beside the structure. @default 'drop' */
  readonly properties?: 'drop' | 'keep';
  /** What happens to lines that cannot be used. @default 'refuse' */
  readonly badLines?: 'refuse' | 'skip';
  readonly rows?: RowOptions;
  /** What happens to a graph that does not fit into one memory. @default 'refuse' */
  readonly beyondMemory?: 'refuse' | 'divide';
  /** What the graph may take. @default 4 GiB */
  readonly memoryBytesMax?: number;
  readonly progress: ProgressStyle;
}

/** Each should fit easily: they are read one by one, or by workers. */
const PARTS_BEYOND_MEMORY = 16;

export function loadGraph(
  file: string,
  options: LoadJobOptions,
  context: CommandContext,
): Promise<Hypergraph> {
  return loadWith((path, how) => Hypergraph.load(path, how), file, options, context);
}

/** Parts of a graph that does not fit into one memory, and a folder for them that goes with this process. */
function dividedHere(): Pick<LoadOrDivideOptions, 'folder' | 'divided'> {
  const folder = join(tmpdir(), `anant-divided-${process.pid}`);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return { folder, divided: { partitions: PARTS_BEYOND_MEMORY } };
}

async function loadWith<Graph extends JobGraph>(
  load: (path: string, options: LoadOptions) => Promise<Graph>,
  file: string,
  options: LoadJobOptions,
  context: CommandContext,
): Promise<Graph> {
  const progress = startProgress(context.terminal, `Loading ${file}`, options.progress);
  try {
    const graph = await load(file, {
      ...(options.format !== undefined && { format: formatNamed(options.format) }),
      ...(options.properties && { properties: options.properties }),
      ...(options.badLines && { badLines: options.badLines }),
      ...options.rows,
      ...(options.memoryBytesMax && { memory: new KernelMemory({ maximumBytes: options.memoryBytesMax }) }),
      signal: context.signal,
      onProgress: ({ bytesRead, bytesTotal }) => progress.update(bytesRead, bytesTotal),
    });
    progress.finish(describeGraph(graph));
    if (graph instanceof HypergraphInParts) {
      const told = `it does not fit into one memory: divided into ${graph.plan.sources.length} parts`;
      if (options.progress !== 'none') noteWarning(told, context);
    }
    if (options.progress !== 'none')
      for (const warning of graph.source.warnings) noteWarning(warning, context);
    return graph;
  } catch (error) {
    throw AnantError.is(error, 'E_OUT_OF_MEMORY') ? doesNotFit(file, error) : error;
  } finally {
    progress.stop();
  }
}

function doesNotFit(file: string, cause: AnantError): AnantError {
  return new AnantError('E_OUT_OF_MEMORY', `"${file}" does not fit into one memory. ${cause.message}`, {
    cause,
    advice:
      'Lists of hyperedges with integer members and .anant files run in parts: --partitions auto, or ' +
      `anant graph partition ${file} -o FOLDER --one-pass. Algorithms that do: ${SUPERSTEP_ALGORITHMS.join(', ')}.`,
  });
}

/** What an algorithm runs on: a whole graph, or one in parts. */
export type JobGraph = Parameters<Algorithm['run']>[1];

/** As `loadGraph`; a folder of parts is opened and stays in parts. */
export async function loadJobGraph(
  file: string,
  options: LoadJobOptions,
  context: CommandContext,
): Promise<JobGraph> {
  if (!isPartsFolder(file)) {
    if (options.beyondMemory !== 'divide') return loadGraph(file, options, context);
    return loadWith((path, how) => loadOrDivide(path, { ...how, ...dividedHere() }), file, options, context);
  }
  const progress = startProgress(context.terminal, `Opening ${file}`, options.progress);
  try {
    const graph = await HypergraphInParts.openFolder(file);
    progress.finish(`${countsOf(graph)}, in ${graph.plan.sources.length} parts by ${graph.plan.partitioner}`);
    if (options.progress !== 'none')
      for (const warning of graph.source.warnings) noteWarning(warning, context);
    return graph;
  } finally {
    progress.stop();
  }
}

/** Writes a graph in the format that the name says. */
export async function writeGraph(graph: Hypergraph, output: string, context: CommandContext): Promise<void> {
  if (output.endsWith('.anant')) await graph.save(output);
  else await graph.export(output, { signal: context.signal });
}

export function formatNamed(name: string): FormatName {
  const format = FORMATS.find((known) => known === name);
  if (format) return format;
  const close = nearest(name, FORMATS);
  throw new AnantError('E_INPUT_INVALID', `There is no format "${name}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${FORMATS.join(', ')}.`,
  });
}

export function partitionerNamed(name: string): PartitionerName {
  const found = PARTITIONER_NAMES.find((known) => known === name);
  if (found) return found;
  const close = nearest(name, PARTITIONER_NAMES);
  throw new AnantError('E_INPUT_INVALID', `There is no partitioner "${name}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${PARTITIONER_NAMES.join(', ')}.`,
  });
}

export const describeGraph = (graph: JobGraph): string =>
  `${countsOf(graph)}, read as ${graph.source.format}`;

export const countsOf = ({ vertexCount, hyperedgeCount, incidenceCount }: JobGraph): string =>
  [
    formatCounted(vertexCount, 'vertex', 'vertices'),
    formatCounted(hyperedgeCount, 'hyperedge'),
    formatCounted(incidenceCount, 'incidence'),
  ].join(', ');

function noteWarning(warning: string, { terminal }: CommandContext): void {
  terminal.note(`${terminal.style('yellow', '!')} ${warning}`);
}

/** SHA-256 of the raw bytes of the result, in hex: the same on every backend. */
export function checksumOf(result: AlgorithmResult): string {
  return createHash('sha256').update(result.checksumBytes()).digest('hex');
}

export interface RunJobOptions {
  /** Only this backend. */
  readonly backend?: string | undefined;
  readonly timeoutMs: number;
  readonly progress: ProgressStyle;
  /** By supersteps on parts of the graph. */
  readonly divided?: Pick<RunOptions, 'partitions' | 'partitioner' | 'supersteps'>;
}

/** Pause between two lines about supersteps. */
const SUPERSTEP_NOTE_MS = 500;

/** Tells of supersteps while they run, not of each when they are many. */
function supersteps(context: CommandContext, style: ProgressStyle): NonNullable<RunOptions['supersteps']> {
  let toldMs = Number.NEGATIVE_INFINITY;
  if (style === 'none') return {};
  return {
    onSuperstep({ supersteps: count, boundaryBytes, losses }) {
      const nowMs = performance.now();
      if (nowMs - toldMs < SUPERSTEP_NOTE_MS) return;
      toldMs = nowMs;
      const lost = losses > 0 ? `, ${losses} parts lost and resumed` : '';
      context.terminal.note(
        `superstep ${count}: ${formatCount(boundaryBytes)} bytes crossed boundaries${lost}`,
      );
    },
  };
}

/** Where the job will go. Every algorithm is a kernel task of one workload, so any of them answers for all. */
export function routeOfJob(client: Client, { backend }: RunJobOptions): RouteDecision {
  const decision = client.explain(degreesTask, backend === undefined ? {} : { backend });
  if (decision.backend === undefined) throw noRouteError(decision);
  return decision;
}

/** Slots of the backend of a job, which starts for that. */
async function slotsOf(client: Client, { backend }: RunJobOptions): Promise<number | undefined> {
  const input = { offsets: new Uint32Array(1) };
  const outcome = await client.submit(degreesTask, input, backend === undefined ? {} : { backend }).outcome();
  const { backends } = await client.health();
  return outcome.backend === undefined ? undefined : backends[outcome.backend]?.health?.slots;
}

/** Runs the job once; Ctrl-C cancels it. */
export async function runJob(
  client: Client,
  algorithm: Algorithm,
  graph: JobGraph,
  parameters: Readonly<Record<string, unknown>>,
  options: RunJobOptions,
  context: CommandContext,
): Promise<AlgorithmResult> {
  const slots = options.divided?.partitions === 'auto' ? await slotsOf(client, options) : undefined;
  const where = options.backend ? ` on ${options.backend}` : '';
  const progress = startProgress(context.terminal, `Running ${algorithm.name}${where}`, options.progress);
  try {
    const result = await algorithm.run(client, graph, parameters, {
      ...(options.backend !== undefined && { backend: options.backend }),
      timeouts: { scheduleToCloseMs: options.timeoutMs },
      signal: context.signal,
      onProgress: ({ done, total }) => progress.update(done, total),
      ...options.divided,
      ...(slots !== undefined && { slots }),
      ...(options.divided && {
        supersteps: { ...options.divided.supersteps, ...supersteps(context, options.progress) },
      }),
    });
    progress.finish(`finished on ${result.backend}`);
    return result;
  } finally {
    progress.stop();
  }
}
