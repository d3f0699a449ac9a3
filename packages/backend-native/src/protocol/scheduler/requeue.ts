/** A task that a worker had and did not begin waits again. */
import { decided } from './attempt-end.js';
import { endTask, mustRunAlone } from './end-task.js';
import type { TaskEntry } from './entries.js';
import { vacate } from './occupancy.js';
import { classOf, enqueue } from './queue.js';
import type { SchedulerState } from './state.js';
import type { Turn } from './turn.js';

/** Puts it before its equals. Its former worker has no claim on it any more; one that was to be stopped ends here. */
export function requeue(turn: Turn, entry: TaskEntry): void {
  const { state } = turn;
  const stop = entry.cancels?.[0];
  if (stop !== undefined) {
    endTask(turn, entry, decided({ status: 'cancelled', how: stop.how }), 'gone');
    return;
  }
  returnToQueue(state, entry);
  turn.unassigned.push(entry.id);
  state.metrics.reassigned += 1;
}

/** What that does to the books, now and when the journal is replayed. */
export function returnToQueue(state: SchedulerState, entry: TaskEntry): void {
  vacate(state, entry);
  entry.token = undefined;
  entry.class = classOf(state, entry.spec, mustRunAlone(state, entry.spec, entry.brushes));
  enqueue(state, entry, 'front');
}
