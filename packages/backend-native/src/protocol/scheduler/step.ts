/**
 * The scheduler: one event in, effects out. It alone decides about tasks; gossip, closed streams and timers only give it
 * evidence. The state is changed in place, by nothing but the state, the event and the context: same in, same out.
 */
import type { Random } from '@anant/core';
import { isSameToken } from '../fencing-token.js';
import { cancel } from './cancel.js';
import { commit, returned, started } from './commit.js';
import { dispatch } from './dispatch.js';
import type { Refusal, SchedulerEffect } from './effect.js';
import type { SchedulerEvent } from './event.js';
import { weighQuorum, weighWorker } from './evidence.js';
import { lead, stepDown } from './leadership.js';
import { closeSession, disconnectSession, endsSeen, openSession, resumeSession } from './sessions.js';
import type { SchedulerState } from './state.js';
import { steal } from './steal.js';
import { submit } from './submit.js';
import { tick, wake } from './tick.js';
import { Turn } from './turn.js';
import { disconnectWorker, drainWorker, joinWorker, leaveWorker, loadWorker, renew } from './workers.js';

export interface StepContext {
  /** The head's monotonic clock. Wall time decides nothing. */
  readonly nowMs: number;
  readonly random: Random;
}

export function step(state: SchedulerState, event: SchedulerEvent, context: StepContext): SchedulerEffect[] {
  const turn = new Turn(state, context.nowMs);
  if (state.role === 'follower' && event.type !== 'lead' && event.type !== 'quorum') refuseAll(turn, event);
  else {
    handle(turn, event);
    dispatch(turn);
    steal(turn);
    wake(turn);
  }
  return turn.finish();
}

type AssignEffect = Extract<SchedulerEffect, { type: 'assign' }>;

type Handlers = {
  readonly [Type in SchedulerEvent['type']]: (
    turn: Turn,
    event: Extract<SchedulerEvent, { type: Type }>,
  ) => void;
};

const HANDLERS: Handlers = {
  'session-open': (turn, { session, tenant }) => openSession(turn, session, tenant),
  'session-resume': (turn, event) => resumeSession(turn, event.session, event.endsSeen),
  'session-disconnect': (turn, { session }) => disconnectSession(turn, session),
  'session-close': (turn, { session }) => closeSession(turn, session),
  submit: (turn, { session, tasks }) => submit(turn, session, tasks),
  cancel: (turn, { session, requests }) => cancel(turn, session, requests),
  'ends-seen': (turn, { session, sequence }) => endsSeen(turn, session, sequence),
  'worker-join': (turn, { worker }) => joinWorker(turn, worker),
  'worker-disconnect': (turn, { worker, bootId }) => disconnectWorker(turn, worker, bootId),
  'worker-leave': (turn, { worker, bootId, reason }) => leaveWorker(turn, worker, bootId, reason),
  'worker-drain': (turn, { worker, action }) => drainWorker(turn, worker, action),
  'worker-load': (turn, { worker, bootId, load }) => loadWorker(turn, worker, bootId, load),
  started: (turn, { worker, bootId, tasks }) => started(turn, worker, bootId, tasks),
  commit: (turn, { worker, bootId, commits }) => commit(turn, worker, bootId, commits),
  returned: (turn, { worker, bootId, tasks }) => returned(turn, worker, bootId, tasks),
  renew: (turn, { worker, bootId }) => renew(turn, worker, bootId),
  attach: (turn, { key, bytes }) => attach(turn, key, bytes),
  detach: (turn, { key }) => detach(turn, key),
  journaled: (turn, { index }) => journaled(turn, index),
  'journal-state': (turn, { state, reason }) => journalState(turn, state, reason),
  'worker-evidence': (turn, { worker, bootId, evidence }) => weighWorker(turn, worker, bootId, evidence),
  quorum: (turn, { state, reason }) => weighQuorum(turn, state, reason),
  lead: (turn, { epoch }) => lead(turn, epoch),
  'step-down': (turn, { reason }) => stepDown(turn, reason),
  tick: (turn) => tick(turn),
};

function handle(turn: Turn, event: SchedulerEvent): void {
  const handler = HANDLERS[event.type] as (turn: Turn, event: SchedulerEvent) => void;
  handler(turn, event);
}

function journaled(turn: Turn, index: number): void {
  const { state } = turn;
  if (index <= state.durableIndex) return;
  state.durableIndex = index;
  const released: SchedulerEffect[] = [];
  state.held.release(index, released);
  for (const effect of released)
    turn.effects.push(effect.type === 'assign' ? stillAssigned(state, effect) : effect);
}

/** While an assignment waited for the journal its worker may have come and gone: only what still holds is sent. */
function stillAssigned(state: SchedulerState, effect: AssignEffect): AssignEffect {
  const tasks = effect.tasks.filter(({ token }) => {
    const entry = state.assigned.get(token.counter);
    return entry?.worker?.id === effect.worker && entry.state !== 'ended' && isSameToken(entry.token, token);
  });
  return tasks.length === effect.tasks.length ? effect : { ...effect, tasks };
}

function attach(turn: Turn, key: string, bytes: Uint8Array): void {
  turn.state.attachments.set(key, bytes);
  turn.records.push({ type: 'attach', key, bytes });
}

function detach(turn: Turn, key: string): void {
  if (turn.state.attachments.delete(key)) turn.records.push({ type: 'detach', key });
}

function journalState(turn: Turn, mode: 'writable' | 'read-only', reason: string): void {
  turn.state.journalState = mode;
  turn.state.journalReason = reason;
}

/** A head that does not lead answers so that drivers and workers look for the one that does. */
function refuseAll(turn: Turn, event: SchedulerEvent): void {
  const { state } = turn;
  if (event.type === 'submit') {
    const refusal: Omit<Refusal, 'id' | 'attempt'> = {
      code: 'E_BACKEND_UNAVAILABLE',
      reason: `This head does not lead. ${state.followerReason}`,
      advice: 'Submit it to the head that leads.',
    };
    for (const { id, attempt } of event.tasks) turn.refused.add(event.session, { id, attempt, ...refusal });
  } else if (event.type === 'session-open' || event.type === 'session-resume') {
    turn.effects.push({ type: 'session-state', session: event.session, state: 'unknown' });
  } else if (event.type === 'commit') {
    for (const { id, attempt, token } of event.commits)
      turn.verdicts.add(event.worker, { id, attempt, token, verdict: 'later' });
  }
}
