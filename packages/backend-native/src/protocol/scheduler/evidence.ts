/** What others say of workers and of this head's side. Evidence: what is done about it is decided here. */
import type { SchedulerState } from './state.js';
import type { Turn } from './turn.js';
import type { WorkerId } from './worker-spec.js';
import { removeWorker } from './workers.js';

/**
 * - `suspected`: members of the cluster cannot reach it. It gets nothing new until it is heard of again.
 * - `well`: they can.
 * - `removed`: a majority of the members decided that it is not there.
 */
export type WorkerEvidence = 'suspected' | 'well' | 'removed';

/** Renewals a worker sends within its lease: after this part of it without one, the next is overdue. */
const RENEWALS = 3;

export function weighWorker(turn: Turn, id: WorkerId, bootId: string, evidence: WorkerEvidence): void {
  const { state } = turn;
  const worker = state.workers.get(id);
  if (worker === undefined || worker.spec.bootId !== bootId || worker.state === 'absent') return;
  if (evidence === 'well') {
    if (worker.isSuspected) state.capacityVersion += 1;
    worker.isSuspected = false;
    return;
  }
  // Its own word, heard after the others lost sight of it, is the stronger evidence.
  if (evidence === 'removed' && worker.isSuspected && isOverdue(state, worker.dueMs, turn.nowMs))
    removeWorker(turn, worker, 'unreachable');
  else worker.isSuspected = true;
}

function isOverdue({ options }: SchedulerState, dueMs: number, nowMs: number): boolean {
  const silentMs = nowMs - (dueMs - options.leaseMs);
  return silentMs > options.leaseMs / RENEWALS;
}

/** Whether this head's side of a partition may assign work. What is queued stays queued. */
export function weighQuorum({ state }: Turn, quorum: 'held' | 'lost', reason: string): void {
  state.quorum = quorum;
  state.quorumReason = reason;
}
