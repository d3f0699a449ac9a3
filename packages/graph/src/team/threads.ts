/** How many threads are worth it for a kernel over so many incidences. */
import { availableParallelism } from 'node:os';
import { AnantError } from '@anant/core';
import { TEAM_CALLS_MAX } from '../kernels/team-tasks.js';

/** Below this, starting and joining helpers takes longer than they save: one thread needs less than a millisecond. */
export const SHARED_INCIDENCES_MIN = 100_000;
/** Threads taken unless the caller says otherwise: more hardly help, for they share the memory's bandwidth. */
const THREADS_MAX = 8;

/**
 * @param wanted What the caller asked for; by default what the machine has, and 1 for small graphs.
 * @throws AnantError `E_GRAPH_INVALID`
 */
export function threadsFor(incidenceCount: number, wanted: number | undefined): number {
  if (wanted !== undefined) {
    if (Number.isInteger(wanted) && wanted >= 1 && wanted <= TEAM_CALLS_MAX) return wanted;
    throw new AnantError(
      'E_GRAPH_INVALID',
      `"threads" must be an integer from 1 to ${TEAM_CALLS_MAX}, not ${wanted}.`,
      { advice: 'Leave it out to use what the machine has.' },
    );
  }
  return incidenceCount < SHARED_INCIDENCES_MIN ? 1 : Math.min(availableParallelism(), THREADS_MAX);
}
