/** Leases, locks and leadership as pure steps; the drivers are in `cluster/redis`. */
export type { FencingToken } from '../fencing-token.js';
export { compareTokens, FenceGate, tokenText } from '../fencing-token.js';
export type {
  LeaseContext,
  LeaseEffect,
  LeaseEvent,
  LeaseOptions,
  LeasePhase,
  LeaseState,
  LostReason,
} from './lease-state.js';
export type { LeaseStep } from './lease-step.js';
export { leaseStep, newLease } from './lease-step.js';
