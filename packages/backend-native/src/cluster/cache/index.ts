/** `@anant/backend-native/cache`: a cache on every node, kept in step by events of a message broker. */
export type { CacheStatistics, DistributedCacheOptions } from './distributed-cache.js';
export { DistributedCache, LOADS_MAX } from './distributed-cache.js';
