/** Plans of tasks by definition and options: submitting the same thing again costs a comparison, not a decision. */
import type { Clock } from '../../contract/index.js';
import type { RouteTable } from '../backend/route-table.js';
import type { DefaultOptions, SubmitOptions } from '../types/index.js';
import { checkPerCall } from './check-options.js';
import type { AnyDefinition } from './definition.js';
import { resolveOptions } from './resolve-options.js';
import { copyOptions, haveSameOptions } from './same-options.js';
import { TaskPlan } from './task-plan.js';

/** Plans kept per definition for options that were used before; the oldest is dropped first. */
export const PLANS_KEPT_MAX = 8;

interface KeptPlan {
  readonly options: SubmitOptions;
  readonly plan: TaskPlan;
}

interface Kept {
  plain: TaskPlan | undefined;
  readonly withOptions: KeptPlan[];
}

export class PlanCache {
  readonly #routes: RouteTable;
  readonly #defaults: DefaultOptions;
  readonly #clock: Clock;
  readonly #kept = new WeakMap<AnyDefinition, Kept>();

  constructor(routes: RouteTable, defaults: DefaultOptions, clock: Clock) {
    this.#routes = routes;
    this.#defaults = defaults;
    this.#clock = clock;
  }

  /** @throws AnantError for options that are wrong and tasks that no backend can take. */
  planOf(definition: AnyDefinition, options?: SubmitOptions): TaskPlan {
    const nowMs = this.#clock.nowMs();
    if (options !== undefined) checkPerCall(options, definition.name);
    const kept = this.#keptOf(definition);
    const known = options === undefined ? kept.plain : find(kept.withOptions, options);
    if (known !== undefined) {
      known.refresh(nowMs);
      return known;
    }
    if (options === undefined) {
      kept.plain = this.#make(definition, undefined, nowMs);
      return kept.plain;
    }
    const own = copyOptions(options);
    const plan = this.#make(definition, own, nowMs);
    if (kept.withOptions.length >= PLANS_KEPT_MAX) kept.withOptions.shift();
    kept.withOptions.push({ options: own, plan });
    return plan;
  }

  #keptOf(definition: AnyDefinition): Kept {
    let kept = this.#kept.get(definition);
    if (kept === undefined) {
      kept = { plain: undefined, withOptions: [] };
      this.#kept.set(definition, kept);
    }
    return kept;
  }

  #make(definition: AnyDefinition, options: SubmitOptions | undefined, nowMs: number): TaskPlan {
    const resolved = resolveOptions(definition, options, this.#defaults);
    return new TaskPlan(definition, resolved, this.#routes, nowMs);
  }
}

function find(kept: readonly KeptPlan[], options: SubmitOptions): TaskPlan | undefined {
  for (let index = kept.length - 1; index >= 0; index--) {
    if (haveSameOptions(kept[index]!.options, options)) return kept[index]!.plan;
  }
  return undefined;
}
