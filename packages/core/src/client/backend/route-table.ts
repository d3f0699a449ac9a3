/** Which backend a task goes to, given how the backends are now. */
import type { Clock, Warning } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import {
  type BackendState,
  compileRoutes,
  DEFAULT_WORKLOADS,
  noRouteError,
  type RouteDecision,
  type Router,
  type WorkloadRoute,
} from '../../routing/index.js';
import { unsupportedWishes } from '../submit/requirements.js';
import type { ResolvedOptions } from '../submit/resolve-options.js';
import type { BackendLane } from './backend-lane.js';

export interface RouteTableOptions {
  readonly workloads?: Readonly<Record<string, WorkloadRoute>>;
  readonly forbid?: readonly string[];
}

export interface Choice {
  readonly lane: BackendLane;
  readonly warnings: readonly Warning[];
}

/** What narrows the choice for one task, beyond its options. */
export interface ChoiceLimits {
  /** Backends that refused it, with their reasons. */
  readonly refusals?: ReadonlyMap<string, string> | undefined;
  /** Bytes of its stored inputs by backend. */
  readonly storedBytes?: Readonly<Record<string, number>> | undefined;
}

/** The part of a task's options that routing looks at. */
export type RoutedOptions = Pick<ResolvedOptions, 'workload' | 'wishes' | 'requirements' | 'asked'>;

type States = Readonly<Record<string, BackendState>>;

export class RouteTable {
  readonly lanes: ReadonlyMap<string, BackendLane>;
  readonly #clock: Clock;
  readonly #options: RouteTableOptions;
  #router: Router | undefined;
  #epoch = 1;
  #states: States | undefined;
  /** When the next breaker stops being open, and routes may change by themselves. */
  #recheckMs = Number.POSITIVE_INFINITY;

  constructor(lanes: ReadonlyMap<string, BackendLane>, clock: Clock, options: RouteTableOptions) {
    this.lanes = lanes;
    this.#clock = clock;
    this.#options = options;
  }

  /** Grows when a decision made before may no longer hold. */
  epochAt(nowMs: number): number {
    if (nowMs >= this.#recheckMs) this.invalidate();
    return this.#epoch;
  }

  invalidate(): void {
    this.#epoch += 1;
    this.#states = undefined;
    this.#recheckMs = Number.POSITIVE_INFINITY;
  }

  explain(options: RoutedOptions): RouteDecision {
    this.epochAt(this.#clock.nowMs());
    return this.#decide(options, this.#currentStates(), undefined);
  }

  /** @throws AnantError `E_NO_ROUTE`, or the one reason why no backend can take the task. */
  choose(options: RoutedOptions, limits?: ChoiceLimits): Choice {
    this.epochAt(this.#clock.nowMs());
    const states = withRefusals(this.#currentStates(), limits?.refusals);
    let decision = this.#decide(options, states, limits?.storedBytes);
    if (decision.backend === undefined) {
      // Nobody else can take it: then it may as well wait for a backend that is about to come back.
      const recovering = this.#withRecovering(states, limits?.refusals);
      if (recovering !== undefined) decision = this.#decide(options, recovering, limits?.storedBytes);
    }
    const lane = decision.backend === undefined ? undefined : this.lanes.get(decision.backend);
    if (lane === undefined) throw this.#refuse(decision);
    return { lane, warnings: this.#warnings(decision, options, lane) };
  }

  #decide(
    options: RoutedOptions,
    states: States,
    storedBytes: Readonly<Record<string, number>> | undefined,
  ): RouteDecision {
    this.#router ??= this.#compile();
    const requirements =
      storedBytes === undefined ? options.requirements : { ...options.requirements, storedBytes };
    return this.#router.route({ workload: options.workload, requirements, call: options.wishes, states });
  }

  #compile(): Router {
    const { workloads, forbid } = this.#options;
    const manifests = Object.fromEntries([...this.lanes].map(([id, lane]) => [id, lane.source.manifest]));
    this.#states = undefined;
    return compileRoutes({ workloads: { ...DEFAULT_WORKLOADS, ...workloads }, forbid }, manifests);
  }

  #currentStates(): States {
    this.#router ??= this.#compile();
    if (this.#states !== undefined) return this.#states;
    const nowMs = this.#clock.nowMs();
    const states: Record<string, BackendState> = {};
    for (const [id, lane] of this.lanes) {
      const { halfOpenMs } = lane.breaker;
      if (halfOpenMs !== undefined && halfOpenMs > nowMs)
        this.#recheckMs = Math.min(this.#recheckMs, halfOpenMs);
      states[id] = {
        ...stateOf(lane, nowMs),
        ...(lane.latencyMs !== undefined && { latencyMs: lane.latencyMs }),
      };
    }
    this.#states = states;
    return states;
  }

  #withRecovering(states: States, refusals: ReadonlyMap<string, string> | undefined): States | undefined {
    const recovering = [...this.lanes.values()].filter(
      (lane) => lane.isRecovering && !refusals?.has(lane.id),
    );
    if (recovering.length === 0) return undefined;
    const changed = recovering.map((lane) => [lane.id, { health: 'degraded', reason: lane.reason }] as const);
    return { ...states, ...Object.fromEntries(changed) };
  }

  #refuse(decision: RouteDecision): AnantError {
    const error = noRouteError(decision);
    const cause = decision.rejected
      .map(({ backend }) => this.lanes.get(backend))
      .map((lane) => lane?.source.loadError ?? lane?.lastError)
      .find((found) => found !== undefined);
    if (cause === undefined || error.code === 'E_CAPABILITY_MISSING') return error;
    const isOnly = error.code !== 'E_NO_ROUTE';
    return new AnantError(isOnly ? cause.code : error.code, error.message, {
      cause,
      retryable: error.retryable,
      details: error.details,
      ...((cause.advice ?? error.advice) && {
        advice: isOnly ? (cause.advice ?? error.advice!) : error.advice!,
      }),
    });
  }

  #warnings(decision: RouteDecision, options: RoutedOptions, lane: BackendLane): readonly Warning[] {
    const unsupported = unsupportedWishes(options.asked, lane.id, lane.source.manifest!);
    if (decision.tier !== 'secondary') return unsupported;
    const passed = decision.rejected.filter(({ code }) => FALLBACK_CODES.includes(code));
    if (passed.length === 0) return unsupported;
    const reasons = passed
      .map(({ backend, reason }) => `${backend}: ${reason.replace(/\.$/, '')}`)
      .join('; ');
    return [
      ...unsupported,
      {
        type: 'fallback',
        subject: 'backend',
        backend: lane.id,
        message: `${lane.id} took the task because a primary backend could not (${reasons}).`,
      },
    ];
  }
}

/** Why a primary was passed over, in so far as that is news to whoever wrote the configuration. */
const FALLBACK_CODES: readonly string[] = ['unhealthy', 'not-installed', 'missing-capability'];

function stateOf(lane: BackendLane, nowMs: number): BackendState {
  const { loadError } = lane.source;
  if (loadError !== undefined) return { health: 'down', reason: loadError.message };
  if (lane.breaker.state(nowMs) === 'open') {
    const { failures } = lane.breaker;
    const reason = lane.lastError?.message ?? lane.reason;
    return { health: 'down', reason: `its breaker is open after ${failures} failure(s): ${reason}` };
  }
  switch (lane.phase) {
    case 'ready':
    case 'degraded':
    case 'down':
      return { health: lane.phase, ...(lane.reason && { reason: lane.reason }) };
    case 'failed':
      return lane.source.canStart ? { health: 'unknown' } : { health: 'down', reason: lane.reason };
    case 'stopped':
      return { health: 'down', reason: lane.reason };
    default:
      return { health: 'unknown' };
  }
}

function withRefusals(states: States, refusals: ReadonlyMap<string, string> | undefined): States {
  if (refusals === undefined) return states;
  const changed: Record<string, BackendState> = { ...states };
  for (const [backend, reason] of refusals) changed[backend] = { health: 'down', reason };
  return changed;
}
