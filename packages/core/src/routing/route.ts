/** `route`: one decision as a pure function, for tests, tools and one-off questions. */
import type { CapabilityManifest } from '../contract/index.js';
import { compileRoutes } from './compile-routes.js';
import { DEFAULT_WORKLOADS } from './tables.js';
import type {
  BackendState,
  Candidate,
  Requirements,
  RouteDecision,
  RouteWishes,
  RoutingConfig,
} from './types.js';

export interface RouteOptions {
  /** @default the default table of docs/routing.md */
  readonly config?: RoutingConfig;
  readonly task?: RouteWishes;
  readonly call?: RouteWishes;
}

/**
 * Decides where a task of `workload` goes. Same decision as `compileRoutes(…).route(…)`, which is the one to use
 * for many tasks.
 */
export function route(
  workload: string,
  requirements: Requirements,
  candidates: readonly Candidate[],
  options: RouteOptions = {},
): RouteDecision {
  const manifests: Record<string, CapabilityManifest | undefined> = {};
  const states: Record<string, BackendState> = {};
  for (const { backend, manifest, health = 'unknown', reason, latencyMs } of candidates) {
    manifests[backend] = manifest;
    states[backend] = {
      health,
      ...(reason !== undefined && { reason }),
      ...(latencyMs !== undefined && { latencyMs }),
    };
  }
  const { config = { workloads: DEFAULT_WORKLOADS }, task, call } = options;
  return compileRoutes(config, manifests).route({
    workload,
    requirements,
    states,
    ...(task && { task }),
    ...(call && { call }),
  });
}
