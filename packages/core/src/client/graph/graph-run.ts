/** A graph of tasks on its way: what its caller holds of it. */
import type { CancelStrategy, Outcome } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import { HeldObject } from '../object/held-object.js';
import { replaceParts } from '../submit/pending-value.js';
import type { Dispatcher } from '../task/dispatcher.js';
import { resultOf } from '../task/handles.js';
import type { Task } from '../task/task.js';
import type { GraphHandle, GraphNode, GraphOptions, ResultsOf } from '../types/index.js';
import { PlannedNode } from './graph-node.js';
import type { GraphPlanner } from './graph-planner.js';

export class GraphRun<Shape> implements GraphHandle<Shape> {
  readonly #nodes: readonly PlannedNode[];
  readonly #dispatcher: Dispatcher;
  readonly #results: Promise<ResultsOf<Shape>>;

  /** Submits every node. @throws AnantError as `submit` does; then no node runs. */
  constructor(planner: GraphPlanner, shape: Shape, dispatcher: Dispatcher, options: GraphOptions) {
    this.#nodes = planner.nodes;
    this.#dispatcher = dispatcher;
    planner.finish(shape, dispatcher.clock.nowMs());
    this.#submit(options);
    this.#results = this.#collect(shape);
    this.#results.catch(() => {});
  }

  results(): Promise<ResultsOf<Shape>> {
    return this.#results;
  }

  async outcomes(): Promise<ReadonlyMap<string, Outcome>> {
    const entries = this.#nodes.map(async (node) => [node.id, await taskOf(node).ended()] as const);
    return new Map(await Promise.all(entries));
  }

  async outcome(node: GraphNode): Promise<Outcome> {
    if (node instanceof PlannedNode && this.#nodes.includes(node)) return taskOf(node).ended();
    throw new AnantError('E_TASK_INVALID', `Node "${node.name}" belongs to another graph.`);
  }

  async cancel(how: CancelStrategy = 'ask'): Promise<void> {
    await Promise.all(this.#nodes.map((node) => this.#dispatcher.stopper.cancel(taskOf(node), how)));
  }

  #submit({ signal }: GraphOptions): void {
    try {
      for (const node of this.#nodes) {
        const owner = { onTaskEnd: () => this.#onEnd(node) };
        const own = node.options?.signal ?? signal;
        node.task = this.#dispatcher.accept(node.plan, node.input, { id: node.id, owner, signal: own });
        if (node.plan.options.envelope.output === 'value' && node.children.length > 0) warnDetour(node.task);
      }
    } catch (error) {
      for (const { task } of this.#nodes)
        if (task !== undefined) void this.#dispatcher.stopper.cancel(task, 'kill');
      throw error;
    }
  }

  /** A node ended: its parents' results are needed by one less. */
  #onEnd(node: PlannedNode): void {
    for (const parent of node.parents) this.#used(parent);
  }

  #used(node: PlannedNode): void {
    node.uses -= 1;
    const outcome = node.task?.outcome;
    if (node.uses === 0 && outcome?.status === 'ok' && outcome.value instanceof HeldObject)
      outcome.value.release();
  }

  async #collect(shape: Shape): Promise<ResultsOf<Shape>> {
    const wanted = this.#nodes.filter(({ isResult }) => isResult);
    const values = new Map<object, unknown>();
    await Promise.all(wanted.map(async (node) => values.set(node, await this.#take(node))));
    return replaceParts(shape, (part) => (values.has(part) ? values.get(part) : part)) as ResultsOf<Shape>;
  }

  async #take(node: PlannedNode): Promise<unknown> {
    try {
      const value = resultOf(await taskOf(node).ended());
      return value instanceof HeldObject ? await value.get() : value;
    } finally {
      this.#used(node);
    }
  }
}

const taskOf = (node: PlannedNode): Task => node.task!;

function warnDetour(task: Task): void {
  const backend = task.lane.id;
  task.warn({
    type: 'degraded',
    subject: 'result-by-reference',
    backend,
    message: `The result went to the tasks that need it through the client: they run elsewhere, or ${backend} stores no results.`,
  });
}
