/** `anant route <workload>`: where a workload goes, and why not elsewhere. Starts nothing. */
import { AnantError, compileRoutes, explainRoute, FEATURES, type Feature } from '@anant/core';
import { nearest, toConnectOptions } from '@anant/core/config';
import {
  choosePartitions,
  estimateOnPartitions,
  type GraphEstimates,
  type PartitionChoice,
} from '@anant/graph';
import { type CommandContext, type CommonOptions, type ExitCode, printJson } from '../command.js';
import { EXIT } from '../exit-code.js';
import { algorithmNamed, loadGraph, partitionerNamed } from '../job.js';
import { formatCount, formatDuration } from '../output/terminal.js';
import { loadSettings } from '../settings.js';

export interface RouteCommandOptions extends CommonOptions {
  readonly explain?: boolean;
  readonly require?: readonly string[];
  readonly backend?: string;
  /** Hypergraph to estimate an algorithm on. */
  readonly file?: string;
  readonly algorithm: string;
  readonly partitions: number;
  readonly partitioner: string;
}

interface EstimatesOfFile extends GraphEstimates {
  /** What a run would do that is left to choose. */
  readonly auto?: PartitionChoice;
}

export async function routeCommand(
  workload: string,
  options: RouteCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const { config } = await loadSettings(options.config, options.backend ? [options.backend] : []);
  if (!(workload in config.workloads)) throw unknownWorkload(workload, Object.keys(config.workloads));
  const { backends } = await toConnectOptions(config);
  const manifests = Object.fromEntries(
    Object.entries(backends).map(([name, source]) => [name, manifestOf(source)]),
  );
  const router = compileRoutes(config, manifests);
  const decision = router.route({
    workload,
    requirements: { features: (options.require ?? []).map(featureNamed) },
    ...(options.backend && { call: { pin: options.backend } }),
  });
  const estimates =
    options.file === undefined
      ? undefined
      : await estimatesOf(options.file, options, decision.backend, context);
  if (options.json) printJson(context, estimates ? { ...decision, ...estimates } : decision);
  else if (options.explain) {
    for (const line of explainRoute(decision)) context.terminal.result(line);
    if (estimates) showEstimates(estimates, context);
  } else context.terminal.result(decision.backend ?? 'none');
  return decision.backend ? EXIT.ok : EXIT.backend;
}

async function estimatesOf(
  file: string,
  { algorithm, partitions, partitioner, json }: RouteCommandOptions,
  backend: string | undefined,
  context: CommandContext,
): Promise<EstimatesOfFile> {
  const progress = json ? 'none' : 'auto';
  using graph = await loadGraph(file, { format: undefined, progress }, context);
  const divided = { partitions, partitioner: partitionerNamed(partitioner) };
  const { name } = algorithmNamed(algorithm);
  const estimates = await estimateOnPartitions(graph, name, divided);
  if (backend === undefined) return estimates;
  const chosen = await choosePartitions(graph, name, { backend, partitioner: divided.partitioner });
  return { ...estimates, auto: chosen };
}

function showEstimates(
  { algorithm, partitions, partitioner, cut, estimates, auto }: EstimatesOfFile,
  { terminal }: CommandContext,
): void {
  const oneMs = estimates[0]?.oneMachineMs ?? 0;
  terminal.result(`estimate: ${algorithm} on one thread of one machine takes about ${formatDuration(oneMs)}`);
  terminal.result(`  ${partitions} parts by ${partitioner} cut ${formatCount(cut.hyperedges)} hyperedges`);
  for (const { backend, partitionsMs, supersteps, boundaryBytesPerSuperstep, reason } of estimates) {
    const steps = `${supersteps} supersteps of ${formatCount(boundaryBytesPerSuperstep)} bytes across boundaries`;
    terminal.result(`  ${backend}: about ${formatDuration(partitionsMs)} in ${steps}; ${reason}`);
  }
  if (auto) terminal.result(`  with --partitions auto: ${auto.reason}`);
}

/** A source that throws belongs to a package that is not installed: routing says so itself. */
function manifestOf(source: Awaited<ReturnType<typeof toConnectOptions>>['backends'][string]) {
  try {
    return (typeof source === 'function' ? source() : source).manifest;
  } catch {
    return undefined;
  }
}

function featureNamed(name: string): Feature {
  const feature = FEATURES.find((known) => known === name);
  if (feature) return feature;
  const close = nearest(name, FEATURES);
  throw new AnantError('E_INPUT_INVALID', `There is no feature "${name}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${FEATURES.join(', ')}.`,
  });
}

function unknownWorkload(workload: string, known: readonly string[]): AnantError {
  const close = nearest(workload, known);
  return new AnantError('E_INPUT_INVALID', `There is no workload "${workload}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${known.join(', ')}.`,
    details: { workload, known },
  });
}
