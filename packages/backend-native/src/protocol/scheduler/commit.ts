/** What workers report of their tasks. A result counts only under the current token: compare and set. */

import { answerAtStart } from './cancel-answers.js';
import type { CommitVerdict } from './effect.js';
import { endTask } from './end-task.js';
import type { TaskEntry, WorkerEntry } from './entries.js';
import type { CommitSpec, TokenedKey } from './event.js';
import { layToRest, learn } from './occupancy.js';
import { clear } from './poison.js';
import { requeue } from './requeue.js';
import { isSameToken } from './token.js';
import type { Turn } from './turn.js';
import type { WorkerId } from './worker-spec.js';
import { drop, presentWorker, sayDrained } from './workers.js';

export function started(turn: Turn, id: WorkerId, bootId: string, tasks: readonly TokenedKey[]): void {
  const worker = presentWorker(turn, id, bootId);
  if (worker === undefined) return;
  for (const task of tasks) {
    const entry = current(turn, worker, task);
    if (entry === undefined) {
      if (!worker.ghosts.has(`${task.token.epoch}.${task.token.counter}`)) drop(turn, worker, task);
      continue;
    }
    if (entry.state === 'running') continue;
    entry.state = 'running';
    if (entry.isRevoked) {
      entry.isRevoked = false;
      worker.revoked -= 1;
    }
    turn.state.metrics.started += 1;
    turn.started.add(entry.session.id, { id: task.id, attempt: task.attempt, worker: worker.id });
    answerAtStart(turn, entry);
  }
}

export function commit(turn: Turn, id: WorkerId, bootId: string, commits: readonly CommitSpec[]): void {
  const worker = presentWorker(turn, id, bootId);
  for (const each of commits) {
    const { id: task, attempt, token } = each;
    const verdict = worker === undefined ? 'later' : decide(turn, worker, each);
    turn.verdicts.add(id, { id: task, attempt, token, verdict });
  }
  if (worker) sayDrained(turn, worker);
}

function decide(turn: Turn, worker: WorkerEntry, spec: CommitSpec): CommitVerdict {
  const { state } = turn;
  if (state.journalState === 'read-only') return 'later';
  const entry = current(turn, worker, spec);
  if (entry === undefined) {
    layToRest(state, worker, spec.token);
    const ended = state.ended.recall(spec.id, turn.nowMs);
    if (ended?.attempt === spec.attempt && isSameToken(ended.token, spec.token) && ended.isReported)
      return 'repeated';
    state.metrics.superseded += 1;
    return 'superseded';
  }
  if (spec.runUs > 0) learn(state, entry.spec.definition, spec.runUs);
  clear(turn, entry);
  endTask(turn, entry, { by: 'worker', worker: worker.id, status: spec.status, body: spec.body }, 'gone');
  return 'accepted';
}

/** Tasks that come back without having begun wait again. */
export function returned(turn: Turn, id: WorkerId, bootId: string, tasks: readonly TokenedKey[]): void {
  const worker = presentWorker(turn, id, bootId);
  if (worker === undefined) return;
  for (const task of tasks) {
    const entry = current(turn, worker, task);
    if (entry === undefined) layToRest(turn.state, worker, task.token);
    else if (entry.state !== 'running') requeue(turn, entry);
  }
  sayDrained(turn, worker);
}

/** The open attempt the worker speaks of, if its token is the current one. */
function current(turn: Turn, worker: WorkerEntry, key: TokenedKey): TaskEntry | undefined {
  const entry = turn.state.tasks.get(key.id);
  if (entry === undefined || entry.worker !== worker || entry.spec.attempt !== key.attempt) return undefined;
  return isSameToken(entry.token, key.token) ? entry : undefined;
}
