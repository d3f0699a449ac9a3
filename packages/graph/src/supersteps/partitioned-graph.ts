/** A hypergraph in parts on disk: for graphs that do not fit into one memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AnantError } from '@anant/core';
import { startOn } from '../algorithms/component-start.js';
import { defaultAlpha } from '../algorithms/katz.js';
import { uniformSize } from '../algorithms/uniform.js';
import type { ByteSourceOptions } from '../formats/byte-source.js';
import type { Hypergraph } from '../hypergraph.js';
import { pagerankSumCount } from '../kernels/pagerank-sums.js';
import { containerFile, isContainer } from './container-file.js';
import { kernelOf } from './coordinators.js';
import type { SuperstepClient } from './hosts.js';
import { type HyperedgeSource, hyperedgeFile } from './hyperedge-file.js';
import { clearPartsFolder, readPartsFolder, writeParts, writePartsFolder } from './parts-folder.js';
import { mostOtherMembersOf } from './parts-other-members.js';
import { type Cut, type DivideOptions, type PartitionPlan, planOf } from './plan.js';
import type { Outputs, ProgramParameters } from './program.js';
import type { ProgramName } from './programs/table.js';
import { runOnHost, runSupersteps, type SuperstepOptions, type SuperstepReport } from './run-supersteps.js';
import { SequentialPartitions } from './sequential-partitions.js';
import { type StreamPartsOptions, streamParts } from './stream-parts.js';

export interface PartitionedRunOptions extends SuperstepOptions {
  /** Where to run, with workers that can read the folder of the parts. @default here, one part after the other */
  readonly on?: { readonly client: SuperstepClient; readonly backend: string } | undefined;
}

export interface PartitionedResult {
  /** What the kernel of one machine would give, by index of vertex or hyperedge. */
  readonly values: Outputs;
  readonly report: SuperstepReport;
}

const DEFAULTS: Readonly<Record<ProgramName, ProgramParameters>> = {
  pagerank: { damping: 0.85, tolerance: 1e-9, iterationsMax: 1000 },
  'restart-pagerank': { damping: 0.85, tolerance: 1e-9, iterationsMax: 1000 },
  components: {},
  bfs: { source: 0 },
  'strong-components': {},
  'parallel-label-propagation': { seed: 0, iterationsMax: 1000 },
  degrees: { ofHyperedges: 0 },
  'k-core': { s: 2 },
  katz: { tolerance: 1e-12, iterationsMax: 10_000 },
  'clique-eigenvector': { tolerance: 1e-12, iterationsMax: 10_000 },
  'h-eigenvector': { tolerance: 1e-10, iterationsMax: 10_000 },
  'z-eigenvector': { tolerance: 1e-10, iterationsMax: 10_000 },
};

/** What is defined for hyperedges of one size. */
const UNIFORM: readonly ProgramName[] = ['h-eigenvector', 'z-eigenvector'];

export class PartitionedGraph {
  readonly vertexCount: number;
  readonly hyperedgeCount: number;
  readonly incidenceCount: number;
  readonly partitioner: string;
  readonly cut: Cut;
  readonly #plan: PartitionPlan;
  readonly #folder: string;

  private constructor(plan: PartitionPlan, folder: string) {
    this.#plan = plan;
    this.#folder = folder;
    this.vertexCount = plan.whole.vertexCount;
    this.hyperedgeCount = plan.whole.hyperedgeCount;
    this.incidenceCount = plan.whole.incidenceCount;
    this.partitioner = plan.partitioner;
    this.cut = plan.cut;
  }

  /**
   * Divides a list of hyperedges whose members are integers (format `hyperedges`), an `.anant` file, or what a source of yours
   * gives, in one pass, and writes the parts into a folder. Vertices of a list are the integers from 0 to the largest.
   * @throws AnantError `E_GRAPH_INVALID`, `E_FILE_NOT_FOUND`, `E_FILE_FORMAT`, `E_CANCELLED`
   */
  static async divide(
    from: string | HyperedgeSource,
    folder: string,
    options: StreamPartsOptions & ByteSourceOptions,
  ): Promise<PartitionedGraph> {
    const { plan, names } = await streamParts(await sourceOf(from, options), folder, options);
    await writePartsFolder(folder, plan, names);
    return new PartitionedGraph(plan, folder);
  }

  /**
   * Divides a graph in memory and writes the parts into a folder, with the ids and labels of its vertices and hyperedges.
   * @throws AnantError `E_GRAPH_INVALID`, `E_FILE_WRITE`
   */
  static async write(graph: Hypergraph, folder: string, options: DivideOptions): Promise<PartitionedGraph> {
    const plan = await planOf(graph, options);
    const written = writeParts(folder, plan);
    await writePartsFolder(folder, written, graph.parts());
    return new PartitionedGraph(written, folder);
  }

  /**
   * Opens a folder of parts that `divide`, `write` or `anant graph partition` made.
   * @throws AnantError `E_FILE_NOT_FOUND` for a part that is missing; `E_FILE_FORMAT` for no such folder, one of another version,
   * and parts that are truncated, damaged or of another division
   */
  static async open(folder: string): Promise<PartitionedGraph> {
    return new PartitionedGraph((await readPartsFolder(folder)).plan, folder);
  }

  /**
   * Runs an algorithm by supersteps. Parameters that are left out are those of the algorithm; vertices are indexes.
   * @throws AnantError `E_GRAPH_INVALID` for an algorithm that does not run on partitions
   */
  async run(
    algorithm: string,
    parameters: ProgramParameters = {},
    { on, ...options }: PartitionedRunOptions = {},
  ): Promise<PartitionedResult> {
    const kernel = kernelOf(algorithm);
    const { program } = kernel;
    if (parameters.alpha !== undefined && !(Number(parameters.alpha) > 0)) {
      throw new AnantError('E_GRAPH_INVALID', `"alpha" must be a number above 0, not ${parameters.alpha}.`);
    }
    const given = {
      ...DEFAULTS[program],
      ...(program === 'katz' &&
        parameters.alpha === undefined && { alpha: defaultAlpha(mostOtherMembersOf(this.#plan)) }),
      ...parameters,
      ...(program === 'pagerank' && { sumCount: pagerankSumCount(this) }),
      ...(UNIFORM.includes(program) && { size: this.#size(algorithm) }),
    };
    const hasStart = program === 'clique-eigenvector' || UNIFORM.includes(program);
    const inputs = hasStart ? { start: await this.#start({ on, ...options }) } : {};
    const run = { plan: this.#plan, kernel, parameters: given, inputs, options };
    if (on !== undefined) return resultOf(await runSupersteps({ ...run, ...on }));
    const folder = mkdtempSync(join(this.#folder, 'states-'));
    try {
      const sources = this.#plan.sources;
      return resultOf(
        await runOnHost(new SequentialPartitions({ folder, sources, program, parameters: given }), run),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #size(algorithm: string): number {
    return uniformSize(this.#plan.whole.memberRange(), algorithm, (hyperedge) => hyperedge);
  }

  /** Where the eigenvector starts: evenly on the largest component. */
  async #start(options: PartitionedRunOptions): Promise<Float64Array> {
    const { values } = await this.run('components', {}, options);
    return startOn(values.labels as Uint32Array).start;
  }

  /** Deletes the parts. */
  remove(): void {
    clearPartsFolder(this.#folder);
  }
}

async function sourceOf(
  from: string | HyperedgeSource,
  options: ByteSourceOptions,
): Promise<HyperedgeSource> {
  if (typeof from !== 'string') return from;
  return (await isContainer(from)) ? containerFile(from, options) : hyperedgeFile(from, options);
}

const resultOf = ({ outputs, report }: { outputs: Outputs; report: SuperstepReport }): PartitionedResult => ({
  values: outputs,
  report,
});
