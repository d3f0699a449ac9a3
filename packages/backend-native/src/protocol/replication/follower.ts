/** What a standby may take from whoever says that it leads. */
import type { LogPosition } from './position.js';

export interface FollowerState {
  /** Of its last entry, durable or not. */
  position: LogPosition;
  /** No leader of an older epoch is followed any more. */
  promised: number;
}

export type FollowVerdict = 'take' | 'stale' | 'gap';

export function newFollower(position: LogPosition): FollowerState {
  return { position, promised: position.epoch };
}

/** Entries of the leader of `epoch`: `first` and `last` are what they begin and end with. */
export function offerEntries(
  state: FollowerState,
  epoch: number,
  first: LogPosition,
  last: LogPosition,
): FollowVerdict {
  if (epoch < state.promised || first.epoch < state.position.epoch) return 'stale';
  if (first.index !== state.position.index + 1) return 'gap';
  state.promised = epoch;
  state.position = last;
  return 'take';
}

/** A whole state of the leader of `epoch`: it replaces whatever is here. */
export function offerSnapshot(state: FollowerState, epoch: number, position: LogPosition): FollowVerdict {
  if (epoch < state.promised) return 'stale';
  state.promised = epoch;
  state.position = position;
  return 'take';
}

/** Before it leads itself under `epoch`, a head follows no older one any more. */
export function promise(state: FollowerState, epoch: number): void {
  state.promised = Math.max(state.promised, epoch);
}
