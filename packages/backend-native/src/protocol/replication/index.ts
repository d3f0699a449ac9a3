/** How standby heads follow the leader's journal, and who may take over, as pure steps. */
export type { FollowerState, FollowVerdict } from './follower.js';
export { newFollower, offerEntries, offerSnapshot, promise } from './follower.js';
export type { Forget, ForgetFacts } from './forget.js';
export { mayForget } from './forget.js';
export type { LeaderEffect, LeaderEvent, LeaderState, ReplicationOptions, Standby } from './leader.js';
export { leaderStep, newLeader, REPLICATION_DEFAULTS } from './leader.js';
export type { HeadPosition, LogPosition } from './position.js';
export { comparePositions } from './position.js';
export type { Takeover, TakeoverFacts } from './takeover.js';
export { mayLead, nameOfLog } from './takeover.js';
