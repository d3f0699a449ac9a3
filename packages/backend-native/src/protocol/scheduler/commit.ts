/** What workers report of their tasks. A result counts only under the current token: compare and set. */

import { isSameToken } from '../fencing-token.js';
import { type AttemptEnd, decided } from './attempt-end.js';
import { answerAtStart } from './cancel-answers.js';
import type { CommitVerdict } from './effect.js';
import { endTask } from './end-task.js';
import type { TaskEntry, WorkerEntry } from './entries.js';
import type { CommitSpec, TokenedKey } from './event.js';
import { dropRevocation, learn, occupantOf, vacate } from './occupancy.js';
import { blame, clear } from './poison.js';
import { recharge } from './queue.js';
import { requeue } from './requeue.js';
import type { Turn } from './turn.js';
import type { WorkerId } from './worker-spec.js';
import { drop, presentWorker, sayDrained } from './workers.js';

export function started(turn: Turn, id: WorkerId, bootId: string, tasks: readonly TokenedKey[]): void {
  const worker = presentWorker(turn, id, bootId);
  if (worker === undefined) return;
  for (const task of tasks) {
    const entry = occupantOf(turn.state, worker, task.token);
    if (entry === undefined) drop(turn, worker, task);
    if (entry?.state !== 'assigned') continue;
    entry.state = 'running';
    dropRevocation(worker, entry);
    turn.state.metrics.started += 1;
    turn.started.add(entry.session.id, { id: entry.id, attempt: entry.attempt, worker: worker.id });
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
  const entry = occupantOf(state, worker, spec.token);
  if (entry === undefined) return judgeLate(turn, spec);
  if (entry.state === 'ended') {
    vacate(state, entry);
    state.metrics.superseded += 1;
    return 'superseded';
  }
  if (spec.runUs > 0) {
    learn(state, entry.spec.definition, spec.runUs);
    recharge(state, entry, spec.runUs);
  }
  endTask(turn, entry, judgeDeath(turn, worker, entry, spec), 'gone');
  return 'accepted';
}

/** What must run alone has a process of its own: when that died, it clears nothing that the worker lives. */
function judgeDeath(
  turn: Turn,
  worker: WorkerEntry,
  entry: TaskEntry,
  { status, body, suspect }: CommitSpec,
): AttemptEnd {
  const hasDiedAlone = suspect && entry.class.isAlone;
  const refusal = hasDiedAlone ? blame(turn, entry) : undefined;
  if (refusal !== undefined) return decided({ status: 'refused', ...refusal });
  if (!hasDiedAlone) clear(turn, entry);
  return { by: 'worker', worker: worker.id, status, body };
}

/** Tasks that come back without having begun wait again. */
export function returned(turn: Turn, id: WorkerId, bootId: string, tasks: readonly TokenedKey[]): void {
  const worker = presentWorker(turn, id, bootId);
  if (worker === undefined) return;
  for (const task of tasks) {
    const entry = occupantOf(turn.state, worker, task.token);
    if (entry?.state === 'ended') vacate(turn.state, entry);
    else if (entry?.state === 'assigned') requeue(turn, entry);
  }
  sayDrained(turn, worker);
}

/** A commit under a token nobody holds any more: heard before, or too late. */
function judgeLate({ state, nowMs }: Turn, { id, token }: CommitSpec): CommitVerdict {
  const known = state.tasks.find(id, nowMs);
  if (known?.state === 'ended' && known.isReported && isSameToken(known.token, token)) return 'repeated';
  state.metrics.superseded += 1;
  return 'superseded';
}
