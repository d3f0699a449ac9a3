/** Runs a kernel task on the arrays of a graph, through a client, and says where and how it ran. */
import {
  AnantError,
  type Client,
  copyArray,
  type InputOf,
  type KernelArray,
  KernelMemory,
  type Outcome,
  type SubmitOptions,
  type TaskDefinition,
  type Warning,
} from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import type { Partitioner } from '../partition/partitioner.js';
import type { SuperstepOptions } from '../supersteps/run-supersteps.js';
import { runTeam, type Team } from '../team/run-team.js';
import { threadsFor } from '../team/threads.js';
import type { Fact, RunInfo } from './result.js';
import { type ArrayName, arrayOf, storedArrays } from './stored-arrays.js';

/** What algorithms need of a client. */
export type GraphClient = Pick<Client, 'submit' | 'put' | 'explain' | 'actor'>;

/** Options of the task that runs the kernel. */
export interface RunOptions extends Omit<SubmitOptions, 'id' | 'output'> {
  /**
   * Threads that work on one kernel, where the backend shares memory with them and the kernel can; 1 to 64. The result
   * has the same bits for any number. @default those of the machine, at most 8; 1 below 100,000 incidences
   */
  readonly threads?: number;
  /**
   * Divides the graph into so many parts, each held by a worker, and runs the algorithm on them by supersteps
   * (docs/distributed-graphs.md); 1 to 1024. With `auto` it is divided where the estimate says that this pays. The result has the same bits.
   * @default not divided
   */
  readonly partitions?: number | 'auto';
  /** Parts that can work at the same moment, for `auto`. @default processors of this machine */
  readonly slots?: number;
  /** How it is divided. @default 'stream' */
  readonly partitioner?: 'hash' | 'stream' | 'multilevel' | Partitioner;
  /** Checkpoints and limits of a run on partitions, and who is told of its progress. */
  readonly supersteps?: SuperstepOptions;
  /** Told how far an algorithm that goes from source to source is, where it runs on the memory of the graph. */
  readonly onProgress?: (progress: RunProgress) => void;
}

/** Sources done, and how many there are. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
}

/** The options that a client knows. */
export function submitOptions({
  threads: _threads,
  partitions: _partitions,
  slots: _slots,
  partitioner: _partitioner,
  supersteps: _supersteps,
  onProgress: _onProgress,
  ...options
}: RunOptions): Omit<SubmitOptions, 'id' | 'output'> {
  return options;
}

/** Which array of the graph each array input of a task is, or the array itself when it is none of the graph. */
export type ArrayInputs<Input> = { readonly [Name in ArrayKeys<Input>]: ArrayName | Uint32Array };
type ArrayKeys<Input> = {
  [Name in keyof Input]: Input[Name] extends Uint32Array ? Name : never;
}[keyof Input];

/** The inputs of tasks that read one side, and those that read both. */
export const EDGE_SIDE = { edgeOffsets: 'edgeOffsets', edgeMembers: 'edgeMembers' } as const;
/** The same of the dual: vertices and hyperedges exchanged. */
export const NODE_SIDE = { edgeOffsets: 'nodeOffsets', edgeMembers: 'nodeMembers' } as const;
export const BOTH_SIDES = { ...EDGE_SIDE, nodeOffsets: 'nodeOffsets', nodeMembers: 'nodeMembers' } as const;

export class KernelRun {
  readonly graph: Hypergraph;
  readonly #client: GraphClient;
  readonly #options: Omit<SubmitOptions, 'id' | 'output'>;
  readonly #warnings: Warning[] = [];
  /** Arrays of results that later calls read where they are. */
  readonly #kept = new Set<KernelArray>();
  /** Whether some call did not end well, so that a kernel may still read what is kept. */
  #isDoubtful = false;
  #backend = '';
  #elapsedMs = 0;
  /** When the last call ended. */
  #notedMs = 0;
  /** Most kernels of this run at the same time. */
  readonly threads: number;
  readonly onProgress: ((progress: RunProgress) => void) | undefined;
  /** How long the run may take in all, if that was said. */
  readonly timeMsMax: number | undefined;

  /** @throws AnantError `E_GRAPH_INVALID` for a number of threads that is not valid. */
  constructor(client: GraphClient, graph: Hypergraph, options: RunOptions) {
    this.graph = graph;
    this.#client = client;
    this.#options = submitOptions(options);
    this.threads = threadsFor(graph.incidenceCount, options.threads);
    this.onProgress = options.onProgress;
    this.timeMsMax = options.timeouts?.scheduleToCloseMs;
  }

  /**
   * Runs one task on arrays of the graph, arrays that earlier calls gave, and `scalars`, its other inputs. Results are
   * arrays of their own.
   * @throws AnantError with the code of the outcome when the task did not end `ok`.
   */
  async call<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    arrays: ArrayInputs<Input>,
    scalars: Omit<Input, ArrayKeys<Input>>,
  ): Promise<Output> {
    return detach(await this.#run(definition, arrays, scalars));
  }

  /**
   * As `call`, but arrays of the result stay in the memory of the graph where the kernel ran on it, so that the next call need
   * not bring them there. They are valid until `drop` or `release`: what outlives the run must be copied.
   */
  async keep<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    arrays: ArrayInputs<Input>,
    scalars: Omit<Input, ArrayKeys<Input>>,
  ): Promise<Output> {
    const output = await this.#run(definition, arrays, scalars);
    for (const value of Object.values(output)) {
      if (ArrayBuffer.isView(value) && KernelMemory.of(value)) this.#kept.add(value as KernelArray);
    }
    return output;
  }

  /** An array of zeros in the memory of the graph, for inputs too large to be carried; as what `keep` keeps. @throws AnantError `E_OUT_OF_MEMORY` */
  room(length: number): Uint32Array {
    const array = this.graph.memory.allocate('u32[]', length);
    this.#kept.add(array);
    return array;
  }

  /** Gives back what `keep` kept of one result. */
  drop(output: object): void {
    for (const value of Object.values(output)) {
      if (!this.#kept.delete(value) || this.#isDoubtful) continue;
      KernelMemory.of(value)?.free(value);
    }
  }

  /** Gives back all that `keep` kept. Where a kernel may still read it, it stays taken. */
  release(): void {
    this.drop([...this.#kept]);
  }

  /** Whether kernels run on the memory of the graph, so that several calls need not send anything. */
  isOnGraphMemory<Input, Output>(definition: TaskDefinition<Input, Output, 'value'>): boolean {
    return this.#client.explain(definition, this.#options).kernelMemory === 'caller';
  }

  async #run<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    arrays: ArrayInputs<Input>,
    scalars: Omit<Input, ArrayKeys<Input>>,
  ): Promise<Output> {
    const wanted = Object.entries<ArrayName | Uint32Array>(arrays);
    const names = wanted.flatMap(([, array]) => (typeof array === 'string' ? [array] : []));
    const withArrays = (arrayOf: (name: ArrayName) => unknown) => ({
      ...Object.fromEntries(
        wanted.map(([input, array]) => [input, typeof array === 'string' ? arrayOf(array) : array]),
      ),
      ...scalars,
    });
    const direct = () =>
      this.#submit(
        definition,
        withArrays((name) => arrayOf(this.graph, name)),
      );
    const { backend, kernelMemory } = this.#client.explain(definition, this.#options);
    // On the memory of the graph itself nothing is ever sent.
    const isSent = backend !== undefined && kernelMemory !== 'caller';
    const stored = isSent ? storedArrays(this.#client, this.graph, backend) : undefined;
    const references = names.length > 0 ? await stored?.referencesFor(names) : undefined;
    if (references === undefined) return direct();
    try {
      return await this.#submit(
        definition,
        withArrays((name) => references[name]),
      );
    } catch (error) {
      if (!isObjectLost(error)) throw error;
      stored?.forget();
      return direct();
    }
  }

  /**
   * Runs a kernel on several threads where that pays and the backend runs on the memory of the graph, otherwise as
   * `alone` does; the result is the same.
   * @throws AnantError with the code of the outcome when it did not end `ok`.
   */
  async callTeam<Output extends object>(
    team: Team,
    arrays: Readonly<Record<string, ArrayName>>,
    scalars: Readonly<Record<string, number>>,
    alone: () => Promise<Output>,
  ): Promise<Output> {
    const { memory } = this.graph;
    const { kernelMemory } = this.#client.explain(team.lead as TaskDefinition, this.#options);
    if (this.threads < 2 || kernelMemory !== 'caller') return alone();
    const entries = Object.entries(arrays).map(
      ([input, name]) => [input, arrayOf(this.graph, name)] as const,
    );
    if (entries.some(([, array]) => KernelMemory.of(array) !== memory)) return alone();
    const inputs = { ...Object.fromEntries(entries), ...scalars };
    const options = { memory, threads: this.threads, submit: this.#options };
    const outcome = await runTeam(this.#client, team, inputs, options).catch((error: unknown) => {
      // What the threads of a team need for themselves grows with their number; one thread needs less.
      if (AnantError.is(error, 'E_OUT_OF_MEMORY')) return undefined;
      throw error;
    });
    if (outcome === undefined) return alone();
    // A thread that was lost costs a team its shared arrays: starting over is simpler than repairing them.
    if (outcome.status === 'lost') return alone();
    return this.#note(outcome) as Output;
  }

  info(): RunInfo {
    return { backend: this.#backend, elapsedMs: this.#elapsedMs, warnings: this.#warnings };
  }

  /** What a summary should say of how it ran. */
  facts(): readonly Fact[] {
    return [];
  }

  /** Notes where something ran that has just ended, and how long; what ran at the same time counts once. */
  protected record({ backend, elapsedMs, warnings }: RunInfo): void {
    const nowMs = performance.now();
    this.#backend = backend;
    this.#elapsedMs += Math.max(0, nowMs - Math.max(nowMs - elapsedMs, this.#notedMs));
    this.#notedMs = nowMs;
    this.#warnings.push(...warnings);
  }

  async #submit<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    input: object,
  ): Promise<Output> {
    const handle = this.#client.submit(definition, input as InputOf<NoInfer<Input>>, this.#options);
    return this.#note(await handle.outcome()) as Output;
  }

  /** The value of an outcome. @throws AnantError unless it is `ok`. */
  #note<Value>(outcome: Outcome<Value>): Value {
    if (outcome.status !== 'ok') {
      this.#isDoubtful ||= outcome.status !== 'app-error';
      throw AnantError.is(outcome.error, 'E_PAYLOAD_TOO_LARGE') ? notCarried(outcome.error) : outcome.error;
    }
    this.record(outcome);
    return outcome.value;
  }
}

/** Copies arrays that lie in a kernel memory and gives them back to it. */
export function detach<Output extends object>(output: Output): Output {
  const detached: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(output)) {
    const memory = ArrayBuffer.isView(value) ? KernelMemory.of(value) : undefined;
    detached[name] = memory ? copyArray(value as Float64Array) : value;
    memory?.free(value as Float64Array);
  }
  return detached as Output;
}

function notCarried(cause: AnantError): AnantError {
  return new AnantError('E_PAYLOAD_TOO_LARGE', cause.message, {
    cause,
    advice:
      'The embedded backend works on the memory of the graph and carries nothing: --backend native --embedded. Elsewhere take a ' +
      'larger s where there is one, a part of the hypergraph (anant graph slice, graph.subHypergraph), or raise payloadBytesMax.',
    ...(cause.details && { details: cause.details }),
  });
}

/** Whether an error, or what caused it, is that a stored object is gone. */
function isObjectLost(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if (AnantError.is(cause, 'E_OBJECT_LOST')) return true;
  }
  return false;
}
