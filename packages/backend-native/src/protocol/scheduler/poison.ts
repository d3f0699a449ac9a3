/**
 * Tasks that kill their workers. Deaths are counted by task id, across attempts: after some the task runs alone, so that
 * innocent neighbours are cleared; after one more it is refused for good.
 */
import type { TaskEntry } from './entries.js';
import { quarantine } from './quarantine.js';
import type { SchedulerState } from './state.js';
import type { Turn } from './turn.js';

/** A worker died under the task. @returns how it is refused, when it must not run again. */
export function blame(turn: Turn, entry: TaskEntry): ReturnType<typeof quarantine> | undefined {
  const { state } = turn;
  const { id, definition } = entry.spec;
  const known = state.deaths.get(id)?.deaths ?? 0;
  const wasAlone = entry.class.isAlone;
  const { deathsAlone } = state.options;
  // A neighbour of the culprit looks the same as the culprit: only what died alone can reach the last count.
  const deaths = wasAlone ? Math.max(known + 1, deathsAlone) : Math.min(known + 1, deathsAlone);
  setDeaths(state, id, definition, deaths);
  turn.records.push({ type: 'deaths', id, definition, deaths });
  if (deaths < state.options.deathsMax) return undefined;
  state.deadly.add(definition);
  state.metrics.quarantined += 1;
  return quarantine(deaths);
}

/** The task ended while its worker lived: it and its definition are cleared. */
export function clear(turn: Turn, entry: TaskEntry): void {
  const { state } = turn;
  const { id, definition } = entry.spec;
  if (entry.class.isAlone) state.deadly.delete(definition);
  if (state.deaths.size === 0 || !state.deaths.has(id)) return;
  state.deaths.delete(id);
  turn.records.push({ type: 'deaths', id, definition, deaths: 0 });
}

export function setDeaths(state: SchedulerState, id: string, definition: string, deaths: number): void {
  state.deaths.delete(id);
  if (deaths === 0) return;
  if (state.deaths.size >= state.options.limits.deathsTasksMax)
    state.deaths.delete(state.deaths.keys().next().value!);
  state.deaths.set(id, { definition, deaths });
}

/** The worker that was taken for dead is back: what it was said to have died of is not to blame. */
export function pardon(turn: Turn, ids: readonly string[]): void {
  for (const id of ids) {
    const known = turn.state.deaths.get(id);
    if (known === undefined) continue;
    setDeaths(turn.state, id, known.definition, known.deaths - 1);
    turn.records.push({ type: 'deaths', id, definition: known.definition, deaths: known.deaths - 1 });
  }
}
