/** Submissions: taken in, recognised, or refused. Each is answered exactly once, and acknowledged only when durable. */
import { type AttemptEnd, decided } from './attempt-end.js';
import { digestMark, markText } from './digest-mark.js';
import type { Refusal } from './effect.js';
import { impossible } from './eligible.js';
import { endTask, openTask } from './end-task.js';
import type { EndedTask } from './ended-store.js';
import type { SessionEntry, TaskEntry } from './entries.js';
import { quarantine } from './quarantine.js';
import { hasClass } from './queue.js';
import type { SchedulerState } from './state.js';
import type { KnownTask, OpenTask } from './task-book.js';
import type { SessionId, TaskSpec } from './task-spec.js';
import type { Turn } from './turn.js';

export function submit(turn: Turn, sessionId: SessionId, tasks: readonly TaskSpec[]): void {
  const { state } = turn;
  const session = state.sessions.get(sessionId);
  if (session === undefined) {
    turn.effects.push({ type: 'session-state', session: sessionId, state: 'unknown' });
    return;
  }
  let taken: TaskSpec[] = [];
  const recordTaken = () => {
    if (taken.length > 0) turn.records.push({ type: 'submit', session: sessionId, tasks: taken });
    taken = [];
  };
  const checked = new Set<string>();
  for (const spec of tasks) {
    const known = state.tasks.find(spec.id, turn.nowMs);
    const verdict = judge(turn, session, spec, known, checked);
    if (verdict === 'known') {
      state.metrics.repeated += 1;
      turn.acknowledged.add(sessionId, spec);
    } else if (verdict === 'new' || verdict === 'newer') {
      if (verdict === 'newer') {
        // The journal must have the older attempt's submission, then its end, then the newer submission.
        recordTaken();
        replace(turn, known as OpenTask);
        turn.recordEnds();
      }
      openTask(state, session, spec, turn.nowMs, known);
      state.metrics.submitted += 1;
      taken.push(spec);
      turn.acknowledged.add(sessionId, spec);
    } else {
      state.metrics.refused += 1;
      turn.refused.add(sessionId, { id: spec.id, attempt: spec.attempt, ...verdict });
    }
  }
  recordTaken();
}

/** `newer`: a newer attempt of a task that is open. */
type Verdict = 'new' | 'newer' | 'known' | Omit<Refusal, 'id' | 'attempt'>;

/** `checked` holds the demands found possible in this batch: they need not be looked at again. */
function judge(
  turn: Turn,
  session: SessionEntry,
  spec: TaskSpec,
  known: KnownTask | undefined,
  checked: Set<string>,
): Verdict {
  const { state } = turn;
  if (known !== undefined) {
    const repeat =
      known.state === 'ended' ? judgeEnded(turn, known, session, spec) : judgeRepeat(known, session, spec);
    if (repeat !== 'newer') return repeat;
  }
  const refusal =
    quarantined(state, spec) ?? noPlace(state, session, spec) ?? notPossible(state, spec, checked);
  if (refusal !== undefined) return refusal;
  return known === undefined || known.state === 'ended' ? 'new' : 'newer';
}

function judgeRepeat(known: KnownTask, session: SessionEntry, spec: TaskSpec): Verdict {
  if (known.session.id !== session.id)
    return mayTakeOver(known, spec) ? 'newer' : duplicate('It was submitted by another session.');
  // What a newer attempt holds is its client's affair: it takes the place of the older one.
  if (spec.attempt > known.attempt) return 'newer';
  if (spec.attempt < known.attempt)
    return duplicate(`Attempt ${known.attempt} is newer than attempt ${spec.attempt}.`);
  return isSame(known, spec) ? 'known' : duplicate('It was submitted before with different contents.');
}

/** A driver that died and started again submits anew what it had: the same task, if nobody heard how it ended. */
function mayTakeOver(known: KnownTask, spec: TaskSpec): boolean {
  if (known.session.isConnected || !isSame(known, spec)) return false;
  if (spec.delivery === 'at-most-once' && known.state !== 'waiting') return false;
  return known.state !== 'ended' || known.endSequence >= oldestUnseen(known.session);
}

function isSame(known: KnownTask, { digest }: TaskSpec): boolean {
  if (known.state !== 'ended') return known.digest === digest;
  const { high, low } = digestMark(digest);
  return known.mark === markText(high, low);
}

const oldestUnseen = ({ ends, endsHead }: SessionEntry): number =>
  ends[endsHead]?.sequence ?? Number.POSITIVE_INFINITY;

/** An attempt that ended: its end is sent again if the driver has not seen it. */
function judgeEnded(turn: Turn, ended: EndedTask, session: SessionEntry, spec: TaskSpec): Verdict {
  const repeat = judgeRepeat(ended, session, spec);
  if (repeat !== 'known') return repeat;
  if (ended.endSequence < oldestUnseen(session))
    return duplicate('It has ended, and the driver has confirmed its end.');
  if (!turn.resent.includes(session.id)) turn.resent.push(session.id);
  return 'known';
}

const duplicate = (reason: string): Verdict => ({
  code: 'E_TASK_DUPLICATE',
  reason,
  advice: 'Give every task an id of its own.',
});

function quarantined(state: SchedulerState, { id }: TaskSpec): Verdict | undefined {
  if (state.deaths.size === 0) return undefined;
  const deaths = state.deaths.get(id)?.deaths ?? 0;
  if (deaths < state.options.deathsMax) return undefined;
  return quarantine(deaths);
}

function noPlace(state: SchedulerState, session: SessionEntry, spec: TaskSpec): Verdict | undefined {
  const { limits } = state.options;
  if (state.journalState === 'read-only') {
    return {
      code: 'E_JOURNAL',
      reason: `The head takes nothing in: ${state.journalReason}`,
      advice: 'Make room for the journal; the head goes on by itself.',
    };
  }
  const full = (what: string, most: number): Verdict => ({
    code: 'E_QUEUE_FULL',
    reason: `${what}; the most is ${most}.`,
    advice: 'Submit it again when other tasks have ended.',
  });
  if (state.tasks.size >= limits.tasksMax)
    return full('The cluster has too many open tasks', limits.tasksMax);
  if (state.payloadBytes + spec.payload.byteLength > limits.payloadBytesMax)
    return full('The inputs of open tasks take too many bytes', limits.payloadBytesMax);
  if (session.open + session.ends.length - session.endsHead >= limits.sessionTasksMax)
    return full('The session has too many open tasks and unseen ends', limits.sessionTasksMax);
  if ((state.openByTenant.get(spec.tenant) ?? 0) >= limits.tenantTasksMax)
    return full(`Tenant "${spec.tenant}" has too many open tasks`, limits.tenantTasksMax);
  if (state.classes >= limits.classesMax && !hasClass(state, spec))
    return full('Tasks of too many kinds of resources and placement wait', limits.classesMax);
  return undefined;
}

function notPossible(state: SchedulerState, spec: TaskSpec, checked: Set<string>): Verdict | undefined {
  if (spec.resources === undefined && spec.placement === undefined) return undefined;
  const key = JSON.stringify([spec.resources, spec.placement]);
  if (checked.has(key)) return undefined;
  const reason = impossible(state, spec);
  if (reason === undefined) {
    checked.add(key);
    return undefined;
  }
  return {
    code: 'E_CAPABILITY_MISSING',
    reason,
    advice: 'Ask for less, or add a worker that has it.',
  };
}

/** A newer attempt fences off the older one: whatever that gives is refused. */
function replace(turn: Turn, open: TaskEntry): void {
  const started = open.state === 'waiting' ? 'no' : open.state === 'running' ? 'yes' : 'maybe';
  const end: AttemptEnd = decided({
    status: 'lost',
    reason: 'A newer attempt replaced it; its result is refused.',
    started,
  });
  if (open.worker && open.token)
    turn.revoked.add(open.worker.spec.id, {
      id: open.spec.id,
      attempt: open.spec.attempt,
      token: open.token,
      action: 'drop',
      how: 'kill',
    });
  endTask(turn, open, end, 'may-run');
}
