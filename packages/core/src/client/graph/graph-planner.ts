/** Builds a graph: collects its nodes and decides which results stay in a backend. */
import type { TaskDefinition } from '../../define/index.js';
import { AnantError } from '../../error/index.js';
import { anyDefinition } from '../submit/definition.js';
import { findPending } from '../submit/pending-value.js';
import type { PlanCache } from '../submit/plan-cache.js';
import type { TaskPlan } from '../submit/task-plan.js';
import type { GraphBuilder, GraphNode, InputOf, SubmitOptions } from '../types/index.js';
import { PlannedNode } from './graph-node.js';

export class GraphPlanner implements GraphBuilder {
  readonly nodes: PlannedNode[] = [];
  readonly #plans: PlanCache;
  readonly #nextId: () => string;

  constructor(plans: PlanCache, nextId: () => string) {
    this.#plans = plans;
    this.#nextId = nextId;
  }

  add<Input, Output>(
    definition: TaskDefinition<Input, Output, 'value'>,
    input: InputOf<NoInfer<Input>>,
    options?: Omit<SubmitOptions, 'output'>,
  ): GraphNode<Output> {
    const any = anyDefinition(definition);
    if (any.output !== 'value') {
      throw new AnantError(
        'E_TASK_INVALID',
        `Task "${any.name}" yields a stream and cannot be part of a graph.`,
      );
    }
    const parents = [...new Set(findPending(input))].filter((part) => part instanceof PlannedNode);
    for (const parent of parents) this.#checkOwn(parent, any.name);
    const plan = this.#plans.planOf(any, options);
    const id = options?.id ?? this.#nextId();
    const node = new PlannedNode(this, id, any, input, options, parents, plan);
    for (const parent of parents) parent.children.push(node);
    this.nodes.push(node);
    return node as GraphNode<Output>;
  }

  /** Marks what the caller wants, and lets the other results stay where they are made, if their backend can. */
  finish(shape: unknown, nowMs: number): void {
    for (const part of findPending(shape)) {
      if (!(part instanceof PlannedNode)) continue;
      this.#checkOwn(part, 'the results');
      part.isResult = true;
    }
    for (const node of this.nodes) {
      node.uses = node.children.length + (node.isResult ? 1 : 0);
      if (node.children.length > 0 && canStay(node)) node.plan = node.plan.byReference(nowMs);
    }
  }

  #checkOwn(node: PlannedNode, where: string): void {
    if (node.graph === this) return;
    throw new AnantError('E_TASK_INVALID', `Node "${node.name}" in ${where} belongs to another graph.`);
  }
}

/** True when the backend stores results and everyone who needs this one runs there. */
function canStay(node: PlannedNode): boolean {
  return storesResults(node.plan) && node.children.every(({ plan }) => plan.lane === node.plan.lane);
}

function storesResults(plan: TaskPlan): boolean {
  const features = plan.lane.source.manifest?.features;
  return features?.objects.level !== 'absent' && features?.['result-by-reference'].level !== 'absent';
}
