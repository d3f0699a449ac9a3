/** Task graphs: nodes are tasks, edges are results inside inputs. */
import type { CancelStrategy, Outcome } from '../../contract/index.js';
import type { TaskDefinition } from '../../define/index.js';
import type { InputOf, ResultsOf } from './input-of.js';
import type { SubmitOptions } from './submit-options.js';

declare const VALUE: unique symbol;

/** A task of a graph. May stand for its result inside the inputs of other nodes. */
export interface GraphNode<Value = unknown> {
  readonly [VALUE]?: Value;
  readonly id: string;
  readonly name: string;
}

export interface GraphBuilder {
  /** Adds a task. Its input may hold nodes of this graph, handles of other tasks and stored objects, at any depth. */
  add<Input, Output>(
    definition: TaskDefinition<Input, Output, 'value'>,
    input: InputOf<NoInfer<Input>>,
    options?: Omit<SubmitOptions, 'output'>,
  ): GraphNode<Output>;
}

export interface GraphOptions {
  /** Cancels every task of the graph. */
  readonly signal?: AbortSignal;
}

export interface GraphHandle<Shape> {
  /** What the builder returned, with results in place of nodes. Rejects when one of those did not end `ok`. */
  results(): Promise<ResultsOf<Shape>>;
  /** How every node ended, by id, once all have. Never rejects. */
  outcomes(): Promise<ReadonlyMap<string, Outcome>>;
  /**
   * How one node ended. Never rejects. The value of a result that stayed in a backend is a `StoredObject`, which is
   * released once everything that needs it has ended.
   */
  outcome(node: GraphNode): Promise<Outcome>;
  /** Cancels every task that has not ended. @default how 'ask' */
  cancel(how?: CancelStrategy): Promise<void>;
}
