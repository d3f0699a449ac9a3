/** Ends tasks on request: at once where nothing runs, through the backend where an attempt does. */
import type { CancelAnswer, CancelStrategy, Clock, Logger, Outcome } from '../../contract/index.js';
import { cancelledOutcome } from './outcomes.js';
import { StopDesk } from './stop-desk.js';
import type { Task } from './task.js';

export interface StopperHost {
  readonly clock: Clock;
  readonly logger: Logger;
  settle(task: Task, outcome: Outcome): void;
}

export class TaskStopper {
  readonly #host: StopperHost;
  readonly #desk: StopDesk;

  constructor(host: StopperHost) {
    this.#host = host;
    this.#desk = new StopDesk(host.clock, host.logger);
  }

  /** What the caller asked for, once, without escalating. */
  async cancel(task: Task, how: CancelStrategy): Promise<CancelAnswer> {
    if (task.state === 'ended' || task.state === 'finishing') return 'already-done';
    task.more().cancelAsked = how;
    if (task.state !== 'open') {
      this.#end(task, how);
      return 'cancelled';
    }
    const { lane, id, attempt } = task;
    if (how === 'forget') {
      this.leave(task);
      this.#end(task, how);
    }
    const answer = await lane.cancel({ id, attempt, how });
    if (answer === 'unsupported') delete task.more().cancelAsked;
    return answer;
  }

  /** Stops a task the way its options say; it has ended when nothing more can be done. */
  stop(task: Task, reason?: unknown): void {
    if (task.state === 'ended') return;
    const { stop } = task.plan.options;
    task.more().cancelAsked = stop.how;
    if (task.state !== 'open') {
      this.#end(task, stop.how, reason);
      return;
    }
    const { lane, id, attempt } = task;
    this.#desk.stop(lane, id, attempt, stop, () => {
      if (task.state !== 'open' || task.attempt !== attempt) return;
      this.leave(task);
      this.#end(task, 'forget', reason);
    });
  }

  /** The task no longer waits for its attempt, which may still run and fills its place until it ends. */
  leave(task: Task): void {
    task.lane.abandon(task.id, task.attempt);
  }

  /** Stops an attempt nobody waits for. */
  stopAttempt({ lane, id, attempt, plan }: Task): void {
    this.#desk.stop(lane, id, attempt, plan.options.stop, () => {});
  }

  /** The attempt ended: there is nothing left to stop. */
  ended(task: { readonly id: string; readonly attempt: number }): void {
    if (this.#desk.size > 0) this.#desk.ended(task.id, task.attempt);
  }

  clear(): void {
    this.#desk.clear();
  }

  #end(task: Task, how: CancelStrategy, reason?: unknown): void {
    this.#host.settle(task, cancelledOutcome(task, how, this.#host.clock.nowMs(), reason));
  }
}
