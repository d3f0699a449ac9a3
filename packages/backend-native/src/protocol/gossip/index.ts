export { type Agenda, ALERT, firstMs, JUDGE, LEAD, NOW, PLAN, WAKE } from './agenda.js';
export { bytesOf } from './broadcast-queue.js';
export type { GossipOptions } from './core.js';
export { Directory, MEMBERS_MAX } from './directory.js';
export { Gossip } from './gossip.js';
export { hashText, mix } from './hash.js';
export { MemberTable } from './member-table.js';
export { PerSecond } from './per-second.js';
export type { GossipTuning } from './tuning.js';
export { DEFAULT_TUNING, SWIM_TUNING } from './tuning.js';
export type {
  AccusationUpdate,
  AliveUpdate,
  EquivocationUpdate,
  GossipEffect,
  GossipEvent,
  GossipMessage,
  LeftUpdate,
  MemberIndex,
  MemberRecord,
  MemberStatus,
  Signed,
  Update,
} from './types.js';
