/** Runs a kernel task on the arrays of a graph, through a client, and says where and how it ran. */
import {
  AnantError,
  type Client,
  type InputOf,
  KernelMemory,
  type SubmitOptions,
  type TaskDefinition,
  type Warning,
} from '@anant/core';
import type { Hypergraph } from '../hypergraph.js';
import type { RunInfo } from './result.js';
import { type ArrayName, arraysOf, storedArrays } from './stored-arrays.js';

/** What algorithms need of a client. */
export type GraphClient = Pick<Client, 'submit' | 'put' | 'explain'>;

/** Options of the task that runs the kernel. */
export type RunOptions = Omit<SubmitOptions, 'id' | 'output'>;

type WithoutArrays<Input> = Omit<Input, ArrayName>;

export class KernelRun {
  readonly graph: Hypergraph;
  readonly #client: GraphClient;
  readonly #options: RunOptions;
  readonly #warnings: Warning[] = [];
  #backend = '';
  #elapsedMs = 0;

  constructor(client: GraphClient, graph: Hypergraph, options: RunOptions) {
    this.graph = graph;
    this.#client = client;
    this.#options = options;
  }

  /**
   * Runs one task. Its arrays are passed by name, `scalars` are its other inputs. Results are arrays of their own.
   * @throws AnantError with the code of the outcome when the task did not end `ok`.
   */
  async call<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    names: readonly ArrayName[],
    scalars: WithoutArrays<Input>,
  ): Promise<Output> {
    const backend = this.#client.explain(definition, this.#options).backend;
    const stored = backend === undefined ? undefined : storedArrays(this.#client, this.graph, backend);
    const references = await stored?.referencesFor(names);
    try {
      return await this.#submit(definition, { ...(references ?? arraysOf(this.graph, names)), ...scalars });
    } catch (error) {
      if (references === undefined || !AnantError.is(error, 'E_OBJECT_LOST')) throw error;
      stored?.forget();
      return this.#submit(definition, { ...arraysOf(this.graph, names), ...scalars });
    }
  }

  /** Runs one task on the inputs given, which are always sent. */
  callWith<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    input: Input,
  ): Promise<Output> {
    return this.#submit(definition, input);
  }

  info(): RunInfo {
    return { backend: this.#backend, elapsedMs: this.#elapsedMs, warnings: this.#warnings };
  }

  async #submit<Input extends object, Output extends object>(
    definition: TaskDefinition<Input, Output, 'value'>,
    input: object,
  ): Promise<Output> {
    const handle = this.#client.submit(definition, input as InputOf<NoInfer<Input>>, this.#options);
    const outcome = await handle.outcome();
    if (outcome.status !== 'ok') throw outcome.error;
    this.#backend = outcome.backend;
    this.#elapsedMs += outcome.elapsedMs;
    this.#warnings.push(...outcome.warnings);
    return detach(outcome.value as Output);
  }
}

/** Copies arrays that lie in a kernel memory and gives them back to it. */
function detach<Output extends object>(output: Output): Output {
  const detached: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(output)) {
    const memory = ArrayBuffer.isView(value) ? KernelMemory.of(value) : undefined;
    detached[name] = memory ? (value as Float64Array).slice() : value;
    memory?.free(value as Float64Array);
  }
  return detached as Output;
}
