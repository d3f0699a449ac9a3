export type { MemberEffect, MemberEvent, MemberMessage, MembershipOptions } from './membership.js';
export { Membership } from './membership.js';
export type { Quorum, VoterState } from './quorum.js';
export { judgeQuorum } from './quorum.js';
export type {
  Alert,
  Cut,
  Decision,
  ViewEffect,
  ViewMember,
  ViewMessage,
  ViewSnapshot,
  Vote,
} from './types.js';
export type { ViewMaker } from './view.js';
export { View } from './view.js';
