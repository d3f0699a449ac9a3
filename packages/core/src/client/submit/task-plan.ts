/** Everything about a task but its input: made once for many tasks that differ in nothing else. */
import type { ActorTarget, DefinitionReference, EnvelopeOptions, Warning } from '../../contract/index.js';
import type { BackendLane } from '../backend/backend-lane.js';
import type { RouteTable } from '../backend/route-table.js';
import type { AnyDefinition } from './definition.js';
import type { ResolvedOptions } from './resolve-options.js';

export class TaskPlan {
  readonly definition: AnyDefinition;
  readonly reference: DefinitionReference;
  readonly options: ResolvedOptions;
  readonly actor: ActorTarget | undefined;
  lane: BackendLane;
  warnings: readonly Warning[];
  readonly #routes: RouteTable;
  #epoch: number;

  /** @throws AnantError as routing does, and `E_TASK_NOT_FOUND` when the module cannot be read. */
  constructor(definition: AnyDefinition, options: ResolvedOptions, routes: RouteTable, nowMs: number) {
    this.definition = definition;
    this.reference = definition.reference();
    this.options = options;
    this.actor = definition.actor;
    this.#routes = routes;
    this.#epoch = routes.epochAt(nowMs);
    const { lane, warnings } = routes.choose(options);
    this.lane = lane;
    this.warnings = warnings;
  }

  /** Routes again when the backends changed since. @throws AnantError as routing does */
  refresh(nowMs: number): void {
    const epoch = this.#routes.epochAt(nowMs);
    if (epoch === this.#epoch) return;
    const { lane, warnings } = this.#routes.choose(this.options);
    this.lane = lane;
    this.warnings = warnings;
    this.#epoch = epoch;
  }

  /** The same task with its result kept in the backend's store. */
  byReference(nowMs: number): TaskPlan {
    const envelope: EnvelopeOptions = { ...this.options.envelope, output: 'reference' };
    const { features = [] } = this.options.requirements;
    const requirements = {
      ...this.options.requirements,
      features: [...features, 'objects', 'result-by-reference'] as const,
    };
    return new TaskPlan(this.definition, { ...this.options, envelope, requirements }, this.#routes, nowMs);
  }
}
