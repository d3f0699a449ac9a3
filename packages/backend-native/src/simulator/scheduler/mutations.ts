/** The planted bugs. Each breaks one rule of the scheduler; the simulator must notice every one of them. */
import type {
  CommitSpec,
  SchedulerEffect,
  SchedulerEvent,
  SchedulerState,
} from '../../protocol/scheduler/index.js';
import type { Mutation } from './mutation.js';

/** The commit under the token the task has now, whatever the worker's was. */
function renewed(state: SchedulerState, commit: CommitSpec): CommitSpec {
  const token = state.tasks.get(commit.id)?.token;
  return token === undefined ? commit : { ...commit, token };
}

const without = (type: SchedulerEvent['type']) => (event: SchedulerEvent) =>
  event.type === type ? undefined : event;

export const MUTATIONS: readonly Mutation[] = [
  { name: 'submissions and results count before the journal has them', acknowledgesEarly: true },
  {
    name: 'results count under any token',
    onEvent(event, state) {
      if (event.type !== 'commit') return event;
      const commits = event.commits.map((commit) => renewed(state, commit));
      const owner = commits
        .map(({ id }) => state.tasks.get(id)?.worker)
        .find((worker) => worker !== undefined);
      if (owner === undefined) return { ...event, commits };
      return { ...event, worker: owner.id, bootId: owner.spec.bootId, commits };
    },
  },
  {
    name: 'a refused result is shown to the driver',
    onEffects(effects, event, state) {
      if (event.type !== 'commit') return effects;
      const shown: SchedulerEffect[] = [];
      for (const { id, attempt, token, status, body } of event.commits) {
        const known = state.tasks.find(id, 0);
        if (known?.state !== 'ended' || known.isReported || known.attempt !== attempt) continue;
        known.session.sequence += 1;
        const end = { by: 'worker' as const, worker: event.worker, status, body };
        const ends = [{ id, attempt, token, sequence: known.session.sequence, end }];
        known.session.ends.push(ends[0]!);
        shown.push({ type: 'end', session: known.session.id, ends });
      }
      return [...effects, ...shown];
    },
  },
  { name: 'leases never run out', onEvent: without('tick') },
  { name: 'tasks given back are forgotten', onEvent: without('returned') },
  {
    name: 'what a worker holds when it joins is not looked at',
    onEvent: (event) =>
      event.type === 'worker-join' ? { ...event, worker: { ...event.worker, holds: [] } } : event,
  },
  {
    name: 'ends are not in the journal',
    onReplay: (entry) => ({ ...entry, records: entry.records.filter(({ type }) => type !== 'end') }),
  },
  {
    name: 'assignments are not in the journal',
    onReplay: (entry) => ({
      ...entry,
      records: entry.records.filter(({ type }) => type !== 'assign' && type !== 'unassign'),
    }),
  },
  {
    name: 'deaths of workers are not counted',
    onState(state) {
      state.deaths.clear();
    },
  },
  {
    name: 'a driver that comes back does not get the ends it missed',
    onEvent(event, state) {
      if (event.type !== 'session-resume') return event;
      const session = state.sessions.get(event.session);
      if (session !== undefined) session.endsHead = session.ends.length;
      return event;
    },
  },
  {
    name: 'cancel requests go unanswered',
    onEffects: (effects) => effects.filter(({ type }) => type !== 'cancel-answer'),
  },
  {
    name: 'an ended task is forgotten at once',
    onState(state) {
      for (const { id } of [...state.tasks.ended()]) state.tasks.forget(id);
    },
  },
  {
    name: 'the count of waiting tasks drifts',
    onEvent(event, state) {
      if (event.type === 'returned' && event.tasks.length > 0) state.waiting += 1;
      return event;
    },
  },
  {
    name: 'a restarted head gives out the epoch of the one before',
    onEvent(event, state) {
      if (event.type !== 'lead' || state.epoch === 0) return event;
      state.epoch -= 1;
      state.counter = 0;
      return { ...event, epoch: event.epoch - 1 };
    },
  },
];

/** Planted bugs of several heads. */
export const HEAD_MUTATIONS: readonly Mutation[] = [
  { name: 'entries count before the standbys in sync have them', heads: 'acknowledge alone' },
  { name: 'a leader does not hear that another one leads', heads: 'no fencing' },
  { name: 'a head leads although it lacks entries', heads: 'lead anyhow' },
];
