/** Who decides: a head leads under an epoch of its own, or only follows. */
import type { Turn } from './turn.js';

/** The epoch must be higher than any the journal knows; nothing is assigned before it is durable. */
export function lead(turn: Turn, epoch: number): void {
  const { state, nowMs } = turn;
  if (state.role === 'leader' && epoch === state.epoch) return;
  if (epoch <= state.epoch) {
    state.followerReason = `Epoch ${epoch} is not newer than ${state.epoch}, which the journal knows.`;
    return;
  }
  state.role = 'leader';
  state.followerReason = '';
  state.epoch = epoch;
  turn.records.push({ type: 'epoch', epoch });
  state.epochIndex = state.journalIndex + 1;
  // Workers and drivers of the head before this one have as long as ever to come back.
  for (const worker of state.workers.values()) {
    if (worker.tasks.size === 0) state.workers.delete(worker.id);
    else state.workerDeadlines.set(worker, nowMs + state.options.leaseMs);
  }
  for (const session of state.sessions.values()) {
    session.isConnected = false;
    state.sessionDeadlines.set(session, nowMs + state.options.sessionRetainMs);
  }
}

/** What was decided and is not yet durable is never shown: the next leader may not know it. */
export function stepDown(turn: Turn, reason: string): void {
  const { state } = turn;
  state.role = 'follower';
  state.followerReason = reason;
  state.held.clear();
}
