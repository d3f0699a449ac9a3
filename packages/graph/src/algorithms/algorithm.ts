/** `defineAlgorithm`: a name, parameters as data, a kernel to run and a way to tell people what came out. */
import type { Hypergraph } from '../hypergraph.js';
import type { ExternalId } from '../ids/id-table.js';
import { type ParameterSpecification, type ParameterValues, resolveParameters } from './parameter.js';
import {
  type AlgorithmResult,
  bytesOf,
  type Fact,
  type ResultTable,
  type ResultValues,
  type RunInfo,
} from './result.js';
import { type GraphClient, KernelRun, type RunOptions } from './run-kernel-task.js';

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

/** Parameters after checking: none is missing, and a vertex given by its id arrives as its index. */
type ComputeParameters<Parameters> = {
  readonly [Name in keyof Parameters]-?: ExternalId extends NonNullable<Parameters[Name]>
    ? number
    : NonNullable<Parameters[Name]>;
};

export interface Algorithm<
  Parameters = Readonly<Record<string, unknown>>,
  Values extends ResultValues = ResultValues,
> {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, ParameterSpecification>>;
  /**
   * Runs on the backend that the client chooses.
   * @throws AnantError `E_GRAPH_INVALID` for a parameter that is not valid; whatever the task ended with otherwise.
   */
  run(
    client: GraphClient,
    graph: Hypergraph,
    parameters?: Parameters,
    options?: RunOptions,
  ): Promise<AlgorithmResult<Values>>;
}

export function defineAlgorithm<Parameters extends object, Values extends ResultValues>(
  definition: AlgorithmOptions<Parameters, Values>,
): Algorithm<Parameters, Values> {
  const { name, description, parameters: specifications, compute } = definition;
  return {
    name,
    description,
    parameters: specifications,
    async run(client, graph, given, options = {}) {
      const parameters = resolveParameters(name, specifications, { ...given }, graph);
      const run = new KernelRun(client, graph, options);
      const computed = await compute(run, parameters as unknown as ComputeParameters<Parameters>);
      return resultOf(name, parameters, computed, run.info());
    },
  };
}

function resultOf<Values extends ResultValues>(
  algorithm: string,
  parameters: ParameterValues,
  { values, summary, table, warnings = [] }: Computed<Values>,
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
  };
}
