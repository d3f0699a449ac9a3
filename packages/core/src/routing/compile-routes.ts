/** `compileRoutes`: turns configuration and manifests into a router that decides in well under a microsecond. */
import type { CapabilityManifest } from '../contract/index.js';
import { assess } from './assess.js';
import { type Contender, compare, describeLoss } from './rank.js';
import { DEFAULT_BACKEND, matrixScore } from './tables.js';
import type {
  Fallback,
  Rejection,
  RejectionCode,
  RouteDecision,
  RouteRequest,
  RouteTier,
  RoutingConfig,
  WorkloadRoute,
} from './types.js';

/** Answers routing questions; pure: the same request gives the same decision. */
export interface Router {
  /** Every configured backend. */
  readonly backends: readonly string[];
  route(request: RouteRequest): RouteDecision;
}

/**
 * @param manifests one entry per configured backend; `undefined` for one whose package is not installed.
 */
export function compileRoutes(
  config: RoutingConfig,
  manifests: Readonly<Record<string, CapabilityManifest | undefined>>,
): Router {
  const scores: Record<string, number> = {};
  for (const [backend, manifest] of Object.entries(manifests)) {
    if (manifest !== undefined) scores[backend] = matrixScore(manifest.ratings);
  }
  const compiled: CompiledRoutes = {
    backends: Object.keys(manifests),
    manifests: new Map(Object.entries(manifests)),
    workloads: new Map(Object.entries(config.workloads)),
    forbid: config.forbid,
    scores: Object.freeze(scores),
  };
  return {
    backends: compiled.backends,
    route: (request) => decide(compiled, request, wishesOf(compiled, request)),
  };
}

interface CompiledRoutes {
  readonly backends: readonly string[];
  readonly manifests: ReadonlyMap<string, CapabilityManifest | undefined>;
  readonly workloads: ReadonlyMap<string, WorkloadRoute>;
  readonly forbid: readonly string[] | undefined;
  readonly scores: Readonly<Record<string, number>>;
}

/** The wishes of configuration, task and call, the narrowest first. */
interface Wishes {
  readonly pin: string | undefined;
  readonly primary: readonly string[] | undefined;
  readonly secondary: readonly string[];
  readonly fallback: Fallback;
  readonly forbids: readonly ForbidLevel[];
}
type ForbidLevel = readonly [by: string, backends: readonly string[] | undefined];

const NOBODY: readonly string[] = [];

function wishesOf(compiled: CompiledRoutes, { workload, task, call }: RouteRequest): Wishes {
  const row = compiled.workloads.get(workload);
  const forbids: ForbidLevel[] = [];
  if (call?.forbid) forbids.push(['this call', call.forbid]);
  if (task?.forbid) forbids.push(['the task', task.forbid]);
  if (row?.forbid) forbids.push(['the workload', row.forbid]);
  if (compiled.forbid) forbids.push(['the configuration', compiled.forbid]);
  return {
    pin: call?.pin ?? task?.pin ?? row?.pin,
    primary: call?.primary ?? task?.primary ?? row?.primary,
    secondary: call?.secondary ?? task?.secondary ?? row?.secondary ?? NOBODY,
    fallback: call?.fallback ?? task?.fallback ?? row?.fallback ?? 'allow',
    forbids,
  };
}

function decide(compiled: CompiledRoutes, request: RouteRequest, wishes: Wishes): RouteDecision {
  const selection = new Selection(compiled, request, wishes.forbids);
  if (wishes.pin !== undefined) {
    const winner = selection.best([wishes.pin]);
    return selection.end(winner && 'pinned', winner, 'not-pinned', `${wishes.pin} is pinned`);
  }
  if (wishes.primary === undefined) {
    return selection.end(undefined, undefined, 'not-listed', 'the workload is unknown');
  }
  const notListed = `not listed for ${request.workload}`;
  const primary = selection.best(wishes.primary);
  if (primary !== undefined) {
    selection.rejectAll(wishes.secondary, 'not-needed', 'secondary, and a primary takes the task');
    return selection.end('primary', primary, 'not-listed', notListed);
  }
  if (wishes.fallback === 'forbid') {
    selection.rejectAll(wishes.secondary, 'fallback-forbidden', 'secondary, and falling back is forbidden');
    return selection.end(undefined, undefined, 'not-listed', notListed);
  }
  const secondary = selection.best(wishes.secondary);
  if (secondary !== undefined) return selection.end('secondary', secondary, 'not-listed', notListed);
  const stand = selection.sawConfigured ? undefined : selection.best([DEFAULT_BACKEND]);
  return selection.end(stand && 'default', stand, 'not-listed', notListed);
}

/** One decision in the making: who was looked at, who is out and why. */
class Selection {
  /** Whether any backend looked at so far is configured at all. */
  sawConfigured = false;
  readonly #rejected: Rejection[] = [];
  readonly #compiled: CompiledRoutes;
  readonly #request: RouteRequest;
  readonly #forbids: readonly ForbidLevel[];

  constructor(compiled: CompiledRoutes, request: RouteRequest, forbids: readonly ForbidLevel[]) {
    this.#compiled = compiled;
    this.#request = request;
    this.#forbids = forbids;
  }

  /** The best of `backends` that can take the task; all others are rejected with their reasons. */
  best(backends: readonly string[]): Contender | undefined {
    const storedBytes = this.#request.requirements?.storedBytes;
    const losers: Contender[] = [];
    let winner: Contender | undefined;
    for (const backend of backends) {
      if (backend === winner?.backend || this.#isRejected(backend)) continue;
      if (losers.some((loser) => loser.backend === backend)) continue;
      const rejection = this.#reject(backend);
      if (rejection !== undefined) {
        this.#rejected.push(rejection);
        continue;
      }
      const score = this.#compiled.scores[backend]!;
      const contender = { backend, score, state: this.#request.states?.[backend] };
      if (winner === undefined) winner = contender;
      else if (compare(winner, contender, storedBytes).sign < 0) losers.push(contender);
      else {
        losers.push(winner);
        winner = contender;
      }
    }
    for (const loser of losers) {
      const reason = describeLoss(winner!, loser, storedBytes);
      this.#rejected.push({ backend: loser.backend, code: 'ranked-lower', reason });
    }
    return winner;
  }

  /** Rejects backends that were not looked at. */
  rejectAll(backends: readonly string[], code: RejectionCode, reason: string): void {
    for (const backend of backends) {
      if (!this.#isRejected(backend)) this.#rejected.push({ backend, code, reason });
    }
  }

  end(
    tier: RouteTier | undefined,
    winner: Contender | undefined,
    restCode: RejectionCode,
    restReason: string,
  ): RouteDecision {
    for (const backend of this.#compiled.backends) {
      if (backend !== winner?.backend && !this.#isRejected(backend)) {
        this.#rejected.push({ backend, code: restCode, reason: restReason });
      }
    }
    const { workload } = this.#request;
    const kernelMemory = winner && this.#compiled.manifests.get(winner.backend)?.kernelMemory;
    return {
      workload,
      backend: winner?.backend,
      tier,
      reason: describeChoice(tier, winner, workload, restReason),
      rejected: this.#rejected,
      scores: this.#compiled.scores,
      ...(kernelMemory && { kernelMemory }),
    };
  }

  #reject(backend: string): Rejection | undefined {
    if (!this.#compiled.manifests.has(backend)) {
      return { backend, code: 'not-configured', reason: 'the configuration has no such backend' };
    }
    this.sawConfigured = true;
    for (const [by, backends] of this.#forbids) {
      if (backends?.includes(backend)) return { backend, code: 'forbidden', reason: `forbidden by ${by}` };
    }
    const { states, requirements } = this.#request;
    return assess(backend, this.#compiled.manifests.get(backend), states?.[backend], requirements);
  }

  #isRejected(backend: string): boolean {
    for (const rejection of this.#rejected) if (rejection.backend === backend) return true;
    return false;
  }
}

function describeChoice(
  tier: RouteTier | undefined,
  winner: Contender | undefined,
  workload: string,
  restReason: string,
): string {
  switch (tier) {
    case 'pinned':
      return 'the user pinned it';
    case 'primary':
      return `primary for ${workload}, score ${winner!.score}`;
    case 'secondary':
      return `secondary for ${workload}, score ${winner!.score}: no primary can take the task`;
    case 'default':
      return `no backend listed for ${workload} is configured, so the embedded one takes the task`;
    case undefined:
      return restReason === 'the workload is unknown' ? restReason : 'no backend can take the task';
  }
}
