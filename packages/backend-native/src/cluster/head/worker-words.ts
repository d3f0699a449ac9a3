/** Words of the scheduler about workers, on the wire. */
import type { CommitVerdict, RevokeNotice } from '../../protocol/scheduler/effect.js';
import type { HeldAttempt } from '../../protocol/scheduler/worker-spec.js';
import { HeldState, RevokeAction } from '../proto/anant/v1/worker.js';

export const HELD: Readonly<Record<number, HeldAttempt['state']>> = {
  [HeldState.WAITING]: 'waiting',
  [HeldState.RUNNING]: 'running',
  [HeldState.DONE]: 'done',
};
export const REVOKES: Readonly<Record<RevokeNotice['action'], RevokeAction>> = {
  revoke: RevokeAction.REVOKE,
  drop: RevokeAction.DROP,
  stop: RevokeAction.STOP,
};
export const VERDICTS: Readonly<Record<CommitVerdict, 'accepted' | 'superseded' | 'later'>> = {
  accepted: 'accepted',
  repeated: 'accepted',
  superseded: 'superseded',
  later: 'later',
};
