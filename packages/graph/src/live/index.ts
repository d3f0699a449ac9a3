export type {
  AppliedBatch,
  GraphChange,
  GraphEvent,
  IncidenceName,
  LiveProperties,
  PropertyChanges,
  SubscriptionGap,
} from './change.js';
export type { Durability } from './change-log.js';
export { GraphSnapshot } from './graph-snapshot.js';
export { type IngestOptions, type IngestReport, ingest } from './ingest.js';
export { LiveComponents } from './live-components.js';
export { type DegreeCount, LiveDegrees } from './live-degrees.js';
export {
  type BatchListener,
  LiveHypergraph,
  type LiveOptions,
  type SubscribeOptions,
} from './live-hypergraph.js';
export {
  LivePagerank,
  type LivePagerankOptions,
  type RankedVertex,
  type RankUpdate,
} from './live-pagerank.js';
export { ingestRedisStream, type RedisStreamClient, type RedisStreamOptions } from './redis-stream-source.js';
export { TimeWindow, type TimeWindowOptions } from './time-window.js';
