/** The routing tables, as data: which workload goes where, how strong each backend is, what counts how much. */
import type { CapabilityRatings } from '../contract/index.js';
import type { WorkloadRoute } from './types.js';

/** The backends whose packages Anant itself provides. */
export const BUILT_IN_BACKENDS = ['native', 'dask', 'ray', 'celery'] as const;
export type BuiltInBackend = (typeof BUILT_IN_BACKENDS)[number];

/** The embedded backend: always configured, and the one that takes what nobody else is configured for. */
export const DEFAULT_BACKEND = 'native';

const row = (primary: readonly string[], secondary: readonly string[]): WorkloadRoute => ({
  primary,
  secondary,
  fallback: 'allow',
});

export const DEFAULT_WORKLOADS = {
  'graph-analytics': row(['native', 'dask'], ['ray']),
  'ml-training': row(['ray'], ['native']),
  'ml-inference': row(['ray', 'native'], []),
  'data-processing': row(['dask'], ['native']),
  batch: row(['celery', 'dask'], []),
  interactive: row(['native'], ['ray']),
  streaming: row(['native', 'ray'], []),
} as const satisfies Readonly<Record<string, WorkloadRoute>>;

/** Weight of each rating: high = 3, medium = 2. */
export const RATING_WEIGHTS: CapabilityRatings = {
  scalability: 3,
  performance: 3,
  flexibility: 3,
  easeOfUse: 2,
  faultTolerance: 3,
  realTime: 3,
  memoryEfficiency: 3,
  customisation: 3,
};

/** Ratings of the built-in backends, 1 to 4; their manifests carry exactly these. */
export const BUILT_IN_RATINGS: Readonly<Record<BuiltInBackend, CapabilityRatings>> = {
  native: {
    scalability: 2,
    performance: 4,
    flexibility: 4,
    easeOfUse: 2,
    faultTolerance: 3,
    realTime: 4,
    memoryEfficiency: 4,
    customisation: 4,
  },
  dask: {
    scalability: 3,
    performance: 3,
    flexibility: 2,
    easeOfUse: 4,
    faultTolerance: 3,
    realTime: 1,
    memoryEfficiency: 4,
    customisation: 2,
  },
  ray: {
    scalability: 4,
    performance: 4,
    flexibility: 2,
    easeOfUse: 3,
    faultTolerance: 3,
    realTime: 4,
    memoryEfficiency: 2,
    customisation: 3,
  },
  celery: {
    scalability: 2,
    performance: 2,
    flexibility: 1,
    easeOfUse: 4,
    faultTolerance: 4,
    realTime: 1,
    memoryEfficiency: 3,
    customisation: 2,
  },
};

/** The matrix score of a backend: the sum of rating × weight. */
export function matrixScore(ratings: CapabilityRatings): number {
  let score = 0;
  for (const key of Object.keys(RATING_WEIGHTS) as (keyof CapabilityRatings)[]) {
    score += ratings[key] * RATING_WEIGHTS[key];
  }
  return score;
}
