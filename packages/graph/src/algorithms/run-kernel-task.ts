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
import { type ArrayName, arrayOf, storedArrays } from './stored-arrays.js';

/** What algorithms need of a client. */
export type GraphClient = Pick<Client, 'submit' | 'put' | 'explain'>;

/** Options of the task that runs the kernel. */
export type RunOptions = Omit<SubmitOptions, 'id' | 'output'>;

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
   * Runs one task on arrays of the graph, arrays that earlier calls gave, and `scalars`, its other inputs. Results are
   * arrays of their own.
   * @throws AnantError with the code of the outcome when the task did not end `ok`.
   */
  async call<Input extends object, Output extends object>(
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
    const backend = this.#client.explain(definition, this.#options).backend;
    const stored = backend === undefined ? undefined : storedArrays(this.#client, this.graph, backend);
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

/** Whether an error, or what caused it, is that a stored object is gone. */
function isObjectLost(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if (AnantError.is(cause, 'E_OBJECT_LOST')) return true;
  }
  return false;
}
