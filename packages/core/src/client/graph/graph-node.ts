/** A task of a graph, before and after it was submitted. */
import type { ObjectId } from '../../contract/index.js';
import type { AnyDefinition } from '../submit/definition.js';
import { PendingValue } from '../submit/pending-value.js';
import type { TaskPlan } from '../submit/task-plan.js';
import type { Task } from '../task/task.js';
import type { GraphNode, SubmitOptions } from '../types/index.js';

export class PlannedNode extends PendingValue implements GraphNode {
  readonly id: ObjectId;
  readonly definition: AnyDefinition;
  readonly input: unknown;
  readonly options: SubmitOptions | undefined;
  /** The graph it belongs to. */
  readonly graph: object;
  readonly parents: readonly PlannedNode[];
  readonly children: PlannedNode[] = [];
  plan: TaskPlan;
  task: Task | undefined = undefined;
  /** The builder returned it. */
  isResult = false;
  /** Who still needs its result: children that have not ended, and the caller. */
  uses = 0;

  constructor(
    graph: object,
    id: string,
    definition: AnyDefinition,
    input: unknown,
    options: SubmitOptions | undefined,
    parents: readonly PlannedNode[],
    plan: TaskPlan,
  ) {
    super();
    this.graph = graph;
    this.id = id;
    this.definition = definition;
    this.input = input;
    this.options = options;
    this.parents = parents;
    this.plan = plan;
  }

  get name(): string {
    return this.definition.name;
  }
}
