/** `defineAlgorithm`: a name, parameters as data, a kernel to run and a way to tell people what came out. */
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId } from '../ids/id-table.js';
import { degreesTask } from '../kernels/tasks.js';
import { choosePartitions } from '../supersteps/choose-partitions.js';
import { kernelOf } from '../supersteps/coordinators.js';
import { HypergraphInParts } from '../supersteps/hypergraph-in-parts.js';
import { PartitionedRun } from '../supersteps/partitioned-run.js';
import {
  type ParameterSpecification,
  type ParameterSpecifications,
  type ParameterValues,
  resolveParameters,
} from './parameter.js';
import {
  type AlgorithmResult,
  bytesOf,
  type Fact,
  type ResultTable,
  type ResultValues,
  type ResultWithGraph,
  type RunInfo,
} from './result.js';
import { type GraphClient, KernelRun, type RunOptions, submitOptions } from './run-kernel-task.js';

/** What an algorithm computed, before it is told to people. */
export interface Computed<Values extends ResultValues> {
  readonly values: Values;
  readonly summary: readonly Fact[];
  readonly table: (count: number) => ResultTable;
  readonly warnings?: readonly string[];
}

export interface AlgorithmOptions<Parameters, Values extends ResultValues> {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  readonly parameters: { readonly [Name in keyof Parameters]-?: ParameterSpecification };
  readonly compute: (run: KernelRun, parameters: ComputeParameters<Parameters>) => Promise<Computed<Values>>;
}

/** What an algorithm computed that makes a hypergraph. */
export interface ComputedGraph<Values extends ResultValues> extends Computed<Values> {
  /** Builds a hypergraph of its own on every call. */
  readonly graph: () => Hypergraph;
}

export interface GraphAlgorithmOptions<Parameters, Values extends ResultValues>
  extends AlgorithmOptions<Parameters, Values> {
  readonly compute: (
    run: KernelRun,
    parameters: ComputeParameters<Parameters>,
  ) => Promise<ComputedGraph<Values>>;
}

/**
 * Parameters after checking: none is missing, vertices given by their ids arrive as their indexes, and names of parts as
 * the smallest vertex of each part.
 */
type ComputeParameters<Parameters> = {
  readonly [Name in keyof Parameters]-?: ComputeParameter<NonNullable<Parameters[Name]>>;
};
type ComputeParameter<Value> = readonly ExternalId[] extends Value
  ? Uint32Array
  : ExternalId extends Value
    ? number
    : Value;

export interface Algorithm<
  Parameters = Readonly<Record<string, unknown>>,
  Values extends ResultValues = ResultValues,
  Result extends AlgorithmResult<Values> = AlgorithmResult<Values>,
> {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, ParameterSpecification>>;
  /**
   * Runs on the backend that the client chooses.
   * @throws AnantError `E_GRAPH_INVALID` for a parameter that is not valid; whatever the task ended with otherwise.
   */
  run(client: GraphClient, graph: Hypergraph, parameters?: Parameters, options?: RunOptions): Promise<Result>;
}

/** An algorithm whose result is a hypergraph: `(await run(…)).graph()`. */
export type GraphAlgorithm<Parameters, Values extends ResultValues> = Algorithm<
  Parameters,
  Values,
  ResultWithGraph<Values>
>;

export function defineAlgorithm<Parameters extends object, Values extends ResultValues>(
  definition: AlgorithmOptions<Parameters, Values>,
): Algorithm<Parameters, Values> {
  const { name, description, parameters: specifications, compute } = definition;
  return {
    name,
    description,
    parameters: specifications,
    async run(client, graph, given, options = {}) {
      if (graph instanceof HypergraphInParts) kernelOf(name);
      const parameters = resolveParameters(name, specifications, { ...given }, graph);
      const { run, facts } = await runFor(client, graph, name, options);
      try {
        const computed = await compute(run, parameters as unknown as ComputeParameters<Parameters>);
        const { summary } = computed;
        const told = { ...computed, summary: [...summary, ...run.facts(), ...facts] };
        return resultOf(name, shown(parameters, specifications), told, run.info());
      } finally {
        run.release();
      }
    },
  };
}

interface ChosenRun {
  readonly run: KernelRun;
  /** Why it is divided or not, where that was to be chosen. */
  readonly facts: readonly Fact[];
}

async function runFor(
  client: GraphClient,
  graph: Hypergraph,
  algorithm: string,
  options: RunOptions,
): Promise<ChosenRun> {
  const { partitions, partitioner = 'stream', slots, ...rest } = options;
  if (graph instanceof HypergraphInParts) {
    const asked = typeof partitions === 'number' ? { partitions } : {};
    return { run: new PartitionedRun(client, graph, { ...rest, ...asked, partitioner }), facts: [] };
  }
  if (typeof partitions === 'number') {
    return { run: new PartitionedRun(client, graph, { ...rest, partitions, partitioner }), facts: [] };
  }
  if (partitions === undefined) return { run: new KernelRun(client, graph, options), facts: [] };
  const { backend = 'none' } = client.explain(degreesTask, submitOptions(options));
  const chosen = await choosePartitions(graph, algorithm, { backend, partitioner, ...(slots && { slots }) });
  const facts = [{ name: chosen.partitions === undefined ? 'partitions' : 'chosen', value: chosen.reason }];
  const run =
    chosen.partitions === undefined
      ? new KernelRun(client, graph, options)
      : new PartitionedRun(client, graph, { ...rest, partitions: chosen.partitions, partitioner });
  return { run, facts };
}

/** As `defineAlgorithm`, for results that are hypergraphs. */
export function defineGraphAlgorithm<Parameters extends object, Values extends ResultValues>(
  definition: GraphAlgorithmOptions<Parameters, Values>,
): GraphAlgorithm<Parameters, Values> {
  return defineAlgorithm(definition) as GraphAlgorithm<Parameters, Values>;
}

function resultOf<Values extends ResultValues>(
  algorithm: string,
  parameters: AlgorithmResult['parameters'],
  { values, summary, table, warnings = [], ...rest }: Computed<Values> | ComputedGraph<Values>,
  info: RunInfo,
): AlgorithmResult<Values> {
  const own = warnings.map((message) => ({
    type: 'degraded' as const,
    subject: algorithm,
    backend: info.backend,
    message,
  }));
  return {
    ...info,
    algorithm,
    parameters,
    values,
    summary,
    table,
    warnings: [...info.warnings, ...own],
    checksumBytes: () => bytesOf(values),
    ...('graph' in rest && { graph: rest.graph }),
  };
}

/** A partition is told by its size: its names are the caller's. Vertices are told by their indexes. */
function shown(
  parameters: ParameterValues,
  specifications: ParameterSpecifications,
): AlgorithmResult['parameters'] {
  const texts = Object.entries(parameters).map(([name, value]) => {
    if (typeof value !== 'object') return [name, value];
    const { type, defaultText = '' } = specifications[name]!;
    if (type === 'vertices') return [name, value.length === 0 ? defaultText : value.join(',')];
    return [name, `${new Set(value).size} parts of ${value.length} vertices`];
  });
  return Object.fromEntries(texts);
}
