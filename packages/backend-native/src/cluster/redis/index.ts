/** `@anant/backend-native/redis`: leadership, locks, shared state and events over Redis or Redis Cluster. */
export type { FencingToken, LostReason } from '../../protocol/lease/index.js';
export { compareTokens, FenceGate, tokenText } from '../../protocol/lease/index.js';
export type { EpochStore } from './epoch-store.js';
export { FileEpochStore, MemoryEpochStore, QuorumEpochStore } from './epoch-store.js';
export type { LoggedEvent, SubscribeOptions } from './event-log.js';
export { EventLog } from './event-log.js';
export type { LeaderElectionOptions, Leadership } from './leader-election.js';
export { LeaderElection } from './leader-election.js';
export type { LeaseStore } from './lease-store.js';
export { RedisLeaseStore } from './lease-store.js';
export type { Lock, LockOptions, LocksOptions } from './locks.js';
export { Locks } from './locks.js';
export type { CallOptions, RedisOptions } from './redis-link.js';
export { RedisLink } from './redis-link.js';
export type { RedisScript } from './redis-script.js';
export { redisScript } from './redis-script.js';
export type { SharedValue, WriteOptions, WriteOutcome } from './shared-state.js';
export { SharedState } from './shared-state.js';
