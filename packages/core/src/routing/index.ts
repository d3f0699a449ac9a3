export type { Router } from './compile-routes.js';
export { compileRoutes } from './compile-routes.js';
export { explainRoute, noRouteError } from './explain-route.js';
export type { RouteOptions } from './route.js';
export { route } from './route.js';
export type { BuiltInBackend } from './tables.js';
export {
  BUILT_IN_BACKENDS,
  BUILT_IN_RATINGS,
  DEFAULT_BACKEND,
  DEFAULT_WORKLOADS,
  matrixScore,
  RATING_WEIGHTS,
} from './tables.js';
export type {
  BackendState,
  Candidate,
  Fallback,
  Rejection,
  RejectionCode,
  Requirements,
  RouteDecision,
  RouteRequest,
  RouteTier,
  RouteWishes,
  RoutingConfig,
  WorkloadRoute,
} from './types.js';
