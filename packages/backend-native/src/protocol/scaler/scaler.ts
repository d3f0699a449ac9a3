/**
 * How many workers a cluster should have: a pure step from what was observed to a decision. It adds workers soon and
 * takes them away late, never both at once, and holds still when it knows nothing. The shape of the windows is that of
 * the Kubernetes Horizontal Pod Autoscaler: the lowest recommendation of a short window to go up, the highest of a long
 * one to go down.
 */
import type {
  ClusterObservation,
  ObservedWorker,
  ScalerDecision,
  ScalerSettings,
  ScalerState,
} from './scaler-types.js';

export const NEW_SCALER: ScalerState = {
  recommendations: [],
  starting: [],
  known: new Set(),
  slotRate: undefined,
  sinceMs: undefined,
  last: undefined,
};

/** Recommendations kept; the oldest beyond are forgotten, which shortens the down window. */
export const RECOMMENDATIONS_MAX = 4_096;
/** Less than this share below what there is, nothing is taken away: loads are noisy. */
const TOLERANCE_DOWN = 0.15;
/** Weight of the newest rate in the smoothed one. */
const RATE_WEIGHT = 0.3;

/** @param observation `undefined` when the cluster did not answer */
export function scale(
  state: ScalerState,
  observation: ClusterObservation | undefined,
  settings: ScalerSettings,
): readonly [ScalerState, ScalerDecision] {
  // What was wanted before a gap says nothing of the time after it.
  if (observation === undefined) {
    const blind = { ...state, recommendations: [], sinceMs: undefined, last: undefined };
    return [blind, hold('the cluster did not say how it is')];
  }
  const { atMs } = observation;
  const next = observed(state, observation, settings);
  const present = observation.workers.filter((worker) => worker.state === 'ready');
  const { workers, reason } = recommend(next.slotRate, observation, present, settings);
  const recommendations = [...next.recommendations, { atMs, workers }]
    .filter((past) => atMs - past.atMs <= Math.max(settings.upWindowMs, settings.downWindowMs))
    .slice(-RECOMMENDATIONS_MAX);
  const advised = { ...next, recommendations, sinceMs: state.sinceMs ?? atMs };
  const counted = present.length + next.starting.length;
  const up = Math.min(...(wantedSince(advised, atMs - settings.upWindowMs) ?? [0]));
  if (counted < settings.workersMin || up > counted) {
    const count = Math.min(settings.stepMax, Math.max(up, settings.workersMin) - counted);
    const starting = [...next.starting, ...Array<number>(count).fill(atMs)];
    return [
      { ...advised, starting },
      { type: 'grow', count, reason },
    ];
  }
  const down = Math.max(...(wantedSince(advised, atMs - settings.downWindowMs) ?? [counted]));
  return [advised, shrink(counted, down, present, next.starting.length, settings, reason)];
}

/** What the observation changes in what is known. */
function observed(
  state: ScalerState,
  observation: ClusterObservation,
  { bootMsMax }: ScalerSettings,
): ScalerState {
  const known = new Set(observation.workers.map(({ node }) => node));
  const joined = [...known].filter((node) => !state.known.has(node)).length;
  const starting = state.starting.slice(joined).filter((sinceMs) => observation.atMs - sinceMs < bootMsMax);
  return { ...state, known, starting, slotRate: rateOf(state, observation), last: observation };
}

function rateOf({ last, slotRate }: ScalerState, now: ClusterObservation): number | undefined {
  if (last === undefined || last.epoch !== now.epoch || now.atMs <= last.atMs) return slotRate;
  const busy = (runningOf(last.workers) + runningOf(now.workers)) / 2;
  const ended = now.ended - last.ended;
  if (busy === 0 || ended <= 0) return slotRate;
  const rate = (ended * 1000) / (now.atMs - last.atMs) / busy;
  return slotRate === undefined ? rate : slotRate + RATE_WEIGHT * (rate - slotRate);
}

function recommend(
  slotRate: number | undefined,
  { queued }: ClusterObservation,
  present: readonly ObservedWorker[],
  { drainTargetMs, utilisationTarget, workersMin, workersMax }: ScalerSettings,
): { readonly workers: number; readonly reason: string } {
  const slots = present.reduce((sum, worker) => sum + worker.slots, 0);
  const slotsEach = present.length === 0 ? 1 : slots / present.length;
  const running = runningOf(present);
  // Before any task has ended, each that waits may be a long one.
  const forQueue = slotRate === undefined ? queued : (queued * 1000) / (slotRate * drainTargetMs);
  const forRunning = running / utilisationTarget;
  const wanted = Math.ceil((queued > 0 ? running + forQueue : forRunning) / slotsEach);
  const workers = Math.min(workersMax, Math.max(workersMin, wanted));
  const bound = workers === wanted ? '' : `, kept within ${workersMin} to ${workersMax}`;
  const reason = `${queued} tasks wait and ${running} of ${slots} slots run: ${wanted} workers${bound}`;
  return { workers, reason };
}

function shrink(
  counted: number,
  down: number,
  present: readonly ObservedWorker[],
  starting: number,
  { stepMax, workersMin }: ScalerSettings,
  reason: string,
): ScalerDecision {
  const surplus = counted - Math.max(down, workersMin);
  if (surplus <= 0) return hold(reason);
  if (surplus / counted < TOLERANCE_DOWN) return hold(`${reason}; too little less to act on`);
  // Workers on their way are not waited for and not taken away either.
  const count = Math.min(surplus - starting, stepMax, present.length - workersMin);
  if (count <= 0) return hold(`${reason}; ${starting} workers are on their way`);
  const nodes = victims(present)
    .slice(0, count)
    .map(({ node }) => node);
  return { type: 'shrink', nodes, reason };
}

/** Those that lose least by going come first: fewest tasks, then youngest, then by name. */
const victims = (workers: readonly ObservedWorker[]): readonly ObservedWorker[] =>
  [...workers].sort(
    (left, right) =>
      left.assigned - right.assigned ||
      left.joinedMsAgo - right.joinedMsAgo ||
      (left.node < right.node ? -1 : 1),
  );

/** What was wanted since a moment; undefined while that time has not been observed whole. */
function wantedSince(state: ScalerState, sinceMs: number): readonly number[] | undefined {
  if (state.sinceMs === undefined || state.sinceMs > sinceMs) return undefined;
  return state.recommendations.filter(({ atMs }) => atMs >= sinceMs).map(({ workers }) => workers);
}

const runningOf = (workers: readonly ObservedWorker[]): number =>
  workers.reduce((sum, { running }) => sum + running, 0);

const hold = (reason: string): ScalerDecision => ({ type: 'hold', reason });
