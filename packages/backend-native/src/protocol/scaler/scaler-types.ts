/** What the scaler is told, what it decides and what it keeps. All times are milliseconds of one monotonic clock. */

/** The cluster at one moment. */
export interface ClusterObservation {
  readonly atMs: number;
  /** Tasks that wait for a worker. */
  readonly queued: number;
  /** Tasks ended since the head began; never falls within one epoch. */
  readonly ended: number;
  readonly epoch: number;
  readonly workers: readonly ObservedWorker[];
}

export interface ObservedWorker {
  readonly node: string;
  readonly state: 'ready' | 'draining' | 'suspect';
  readonly slots: number;
  /** Tasks it runs. */
  readonly running: number;
  /** Tasks it has, running or about to. */
  readonly assigned: number;
  readonly joinedMsAgo: number;
}

export interface ScalerOptions {
  /** Workers that are always there; 0 to 10,000. @default 1 */
  readonly workersMin?: number;
  /** Most workers; at least `workersMin`, at most 10,000. */
  readonly workersMax: number;
  /** In what time the queue should be empty, in milliseconds; above 0. @default 10,000 */
  readonly drainTargetMs?: number;
  /** Share of slots that should be busy; above 0, at most 1. @default 0.8 */
  readonly utilisationTarget?: number;
  /** How long more must have been wanted before workers are added. @default 2,000 */
  readonly upWindowMs?: number;
  /** How long no more must have been wanted before workers are taken away. @default 300,000 */
  readonly downWindowMs?: number;
  /** Most workers added, or taken away, by one decision. @default 4 */
  readonly stepMax?: number;
  /** When a worker that was asked for and has not joined is no longer counted on. @default 120,000 */
  readonly bootMsMax?: number;
}

export type ScalerSettings = Required<ScalerOptions>;

export type ScalerDecision =
  /** Start so many workers. */
  | { readonly type: 'grow'; readonly count: number; readonly reason: string }
  /** Drain these, and end each once it has no task. */
  | { readonly type: 'shrink'; readonly nodes: readonly string[]; readonly reason: string }
  | { readonly type: 'hold'; readonly reason: string };

/** One recommendation of the past. */
export interface Recommendation {
  readonly atMs: number;
  readonly workers: number;
}

export interface ScalerState {
  readonly recommendations: readonly Recommendation[];
  /** When workers were asked for that have not joined yet. */
  readonly starting: readonly number[];
  /** Nodes seen last time, to notice who joined. */
  readonly known: ReadonlySet<string>;
  /** Tasks that one busy slot ends per second, smoothed; undefined until some have ended. */
  readonly slotRate: number | undefined;
  /** Since when the cluster has been observed without a gap. */
  readonly sinceMs: number | undefined;
  readonly last: ClusterObservation | undefined;
}
