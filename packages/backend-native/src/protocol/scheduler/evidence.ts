/** What others say of workers and of this head's side. Evidence: what is done about it is decided here. */
import type { Turn } from './turn.js';
import type { WorkerId } from './worker-spec.js';

/**
 * - `suspected`: members of the cluster cannot reach it. It gets nothing new until it is heard of again.
 * - `well`: they can.
 * - `removed`: a majority of the members decided that it is not there. It is given up when its next renewal is overdue.
 */
export type WorkerEvidence = 'suspected' | 'well' | 'removed';

/** Part of a lease without a renewal after which one is overdue: they come every third of it. */
const OVERDUE_PART = 0.5;

export function weighWorker(turn: Turn, id: WorkerId, bootId: string, evidence: WorkerEvidence): void {
  const { state, nowMs } = turn;
  const worker = state.workers.get(id);
  if (worker === undefined || worker.spec.bootId !== bootId || worker.state === 'absent') return;
  if (evidence === 'well') {
    if (worker.isSuspected) state.capacityVersion += 1;
    worker.isSuspected = false;
    return;
  }
  worker.isSuspected = true;
  if (evidence === 'suspected') return;
  // Its own word is the stronger evidence: a renewal in time undoes this.
  const overdueMs = Math.max(nowMs, worker.heardMs + state.options.leaseMs * OVERDUE_PART);
  if (overdueMs < worker.dueMs) state.workerDeadlines.set(worker, overdueMs);
}

/** Whether this head's side of a partition may assign work. What is queued stays queued. */
export function weighQuorum({ state }: Turn, quorum: 'held' | 'lost', reason: string): void {
  state.quorum = quorum;
  state.quorumReason = reason;
}
