/** Plans of tasks submitted without options, by definition: the usual case costs one look-up. */
import type { ActorTarget, Clock } from '../../contract/index.js';
import type { RouteTable } from '../backend/route-table.js';
import type { DefaultOptions, SubmitOptions } from '../types/index.js';
import type { AnyDefinition } from './definition.js';
import { resolveOptions } from './resolve-options.js';
import { TaskPlan } from './task-plan.js';

export class PlanCache {
  readonly #routes: RouteTable;
  readonly #defaults: DefaultOptions;
  readonly #clock: Clock;
  readonly #plans = new WeakMap<AnyDefinition, TaskPlan>();

  constructor(routes: RouteTable, defaults: DefaultOptions, clock: Clock) {
    this.#routes = routes;
    this.#defaults = defaults;
    this.#clock = clock;
  }

  /** @throws AnantError for options that are wrong and tasks that no backend can take. */
  planOf(definition: AnyDefinition, options?: SubmitOptions, actor?: ActorTarget): TaskPlan {
    const nowMs = this.#clock.nowMs();
    if (options !== undefined || actor !== undefined) return this.#make(definition, options, nowMs, actor);
    const known = this.#plans.get(definition);
    if (known !== undefined) {
      known.refresh(nowMs);
      return known;
    }
    const plan = this.#make(definition, undefined, nowMs);
    this.#plans.set(definition, plan);
    return plan;
  }

  #make(
    definition: AnyDefinition,
    options: SubmitOptions | undefined,
    nowMs: number,
    actor?: ActorTarget,
  ): TaskPlan {
    return new TaskPlan(
      definition,
      resolveOptions(definition, options, this.#defaults),
      this.#routes,
      nowMs,
      actor,
    );
  }
}
