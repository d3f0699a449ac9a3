/** A run of an algorithm whose kernel goes by supersteps on parts of the graph; the results are those of the kernel. */
import { availableParallelism } from 'node:os';
import { AnantError, noRouteError, type TaskDefinition } from '@anant/core';
import type { Fact } from '../algorithms/result.js';
import {
  type GraphClient,
  KernelRun,
  type RunOptions,
  submitOptions,
} from '../algorithms/run-kernel-task.js';
import type { Hypergraph } from '../hypergraph.js';
import { SUPERSTEP_ALGORITHMS, superstepKernel } from './coordinators.js';
import { estimateSupersteps } from './cost-model.js';
import { HypergraphInParts } from './hypergraph-in-parts.js';
import { type DivideOptions, type PartitionPlan, planOf } from './plan.js';
import type { ProgramName } from './programs/table.js';
import { runSupersteps, type SuperstepReport } from './run-supersteps.js';

/** Options of a run that is divided for sure. */
export interface DividedOptions extends RunOptions {
  readonly partitions?: number;
}

export class PartitionedRun extends KernelRun {
  readonly #client: GraphClient;
  readonly #options: DividedOptions;
  #plan: PartitionPlan | undefined;
  #report: SuperstepReport | undefined;
  #program: ProgramName | undefined;

  constructor(client: GraphClient, graph: Hypergraph, options: DividedOptions) {
    super(client, graph, options);
    this.#client = client;
    this.#options = options;
  }

  override async call<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    arrays: object,
    scalars: object,
  ): Promise<Output> {
    const kernel = superstepKernel(definition.name);
    if (kernel === undefined) {
      throw new AnantError('E_GRAPH_INVALID', `"${definition.name}" does not run on partitions.`, {
        advice: `Leave "partitions" out, or choose one that does: ${SUPERSTEP_ALGORITHMS.join(', ')}.`,
      });
    }
    const { partitions = 1, partitioner = 'stream', supersteps } = this.#options;
    const submit = submitOptions(this.#options);
    const decision = this.#client.explain(definition, submit);
    if (decision.backend === undefined) throw noRouteError(decision);
    this.#plan = await this.#planFor({ partitions, partitioner });
    const { outputs, report } = await runSupersteps({
      client: this.#client,
      backend: decision.backend,
      plan: this.#plan,
      kernel,
      parameters: kernel.parameters(arrays as never, scalars as never),
      inputs: scalars as Readonly<Record<string, unknown>>,
      submit,
      ...(supersteps && { options: supersteps }),
    });
    this.#report = report;
    this.#program = kernel.program;
    this.record({ backend: decision.backend, elapsedMs: report.elapsedMs, warnings: [] });
    return outputs as Output;
  }

  async #planFor(options: DivideOptions): Promise<PartitionPlan> {
    if (!(this.graph instanceof HypergraphInParts)) return planOf(this.graph, options);
    const { plan } = this.graph;
    const asked = this.#options.partitions;
    if (asked === undefined || asked === plan.sources.length) return plan;
    throw new AnantError(
      'E_GRAPH_INVALID',
      `The graph is in ${plan.sources.length} parts, not in ${asked}.`,
      {
        advice: 'Leave "partitions" out, or divide the whole graph anew.',
      },
    );
  }

  override callTeam<Output extends object>(
    _team: unknown,
    _arrays: unknown,
    _scalarsFor: unknown,
    alone: () => Promise<Output>,
  ): Promise<Output> {
    return alone();
  }

  override facts(): readonly Fact[] {
    if (this.#plan === undefined || this.#report === undefined) return [];
    const { cut, partitioner, whole } = this.#plan;
    const { parts, kind, supersteps, boundaryBytes, losses, checkpoints } = this.#report;
    const share = whole.hyperedgeCount === 0 ? 0 : (100 * cut.hyperedges) / whole.hyperedgeCount;
    return [
      { name: 'partitions', value: `${parts} by ${partitioner}, as ${kind}` },
      {
        name: 'cut',
        value: `${cut.hyperedges} hyperedges (${share.toFixed(1)} %), connectivity less one ${cut.connectivity}`,
      },
      { name: 'supersteps', value: supersteps },
      { name: 'boundary bytes', value: boundaryBytes },
      { name: 'checkpoints', value: checkpoints },
      { name: 'parts lost and resumed', value: losses },
      ...this.#estimate(this.#plan, this.#report),
    ];
  }
  /** What the cost model says, where it knows the backend. */
  #estimate({ cut, whole }: PartitionPlan, { parts }: SuperstepReport): readonly Fact[] {
    const estimate = estimateSupersteps({
      ...cut,
      program: this.#program!,
      backend: this.info().backend,
      incidenceCount: whole.incidenceCount,
      partitions: parts,
      slots: availableParallelism(),
    });
    return estimate === undefined ? [] : [{ name: 'estimate', value: estimate.reason }];
  }
}
