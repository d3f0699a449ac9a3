/** Stops running attempts step by step: asks, waits, then uses force or lets go. */
import type { CancelAnswer, CancelStrategy, Clock, Logger, TaskId } from '../../contract/index.js';
import {
  afterGrace,
  type Deadline,
  DeadlineTimer,
  firstStop,
  nextStop,
  type StopPolicy,
} from '../../policy/index.js';
import { attemptKey, type BackendLane } from '../backend/backend-lane.js';
import { messageOf } from '../backend/backend-source.js';

/** Told when nothing more can be done: whoever waits for the attempt should not any more. */
type OnForget = () => void;

interface StopOrder extends Deadline {
  readonly key: string;
  readonly lane: BackendLane;
  readonly id: TaskId;
  readonly attempt: number;
  readonly policy: StopPolicy;
  readonly onForget: OnForget;
  asked: CancelStrategy;
}

export class StopDesk {
  readonly #orders = new Map<string, StopOrder>();
  readonly #timer: DeadlineTimer<StopOrder>;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#timer = new DeadlineTimer(clock, (order) => {
      void this.#step(order, afterGrace(order.asked, order.policy, canKill(order.lane)));
    });
  }

  get size(): number {
    return this.#orders.size;
  }

  /** Starts to stop an attempt. One order per attempt: a second one changes nothing. */
  stop(lane: BackendLane, id: TaskId, attempt: number, policy: StopPolicy, onForget: OnForget): void {
    const key = attemptKey(id, attempt);
    if (this.#orders.has(key)) return;
    const asked = firstStop(policy, canKill(lane));
    const order: StopOrder = { key, lane, id, attempt, policy, onForget, asked, dueMs: 0, heapIndex: -1 };
    this.#orders.set(key, order);
    void this.#step(order, asked);
  }

  /** The attempt ended: there is nothing left to stop. */
  ended(id: TaskId, attempt: number): void {
    if (this.#orders.size === 0) return;
    const order = this.#orders.get(attemptKey(id, attempt));
    if (order !== undefined) this.#close(order);
  }

  clear(): void {
    for (const order of [...this.#orders.values()]) this.#close(order);
  }

  async #step(order: StopOrder, how: CancelStrategy): Promise<void> {
    order.asked = how;
    const answer = await this.#ask(order);
    if (this.#orders.get(order.key) !== order) return;
    if (how === 'forget') {
      this.#close(order);
      order.onForget();
      // The backend will never say that it ended: its place is free.
      if (answer === 'unknown-task') order.lane.endAbandoned(order.id, order.attempt);
      return;
    }
    const next = nextStop(how, answer, order.policy, canKill(order.lane));
    if (next === 'wait') this.#timer.set(order, this.#clock.nowMs() + order.policy.graceMs);
    else if (next !== 'done') await this.#step(order, next);
  }

  async #ask({ lane, id, attempt, asked }: StopOrder): Promise<CancelAnswer> {
    try {
      return await lane.cancel({ id, attempt, how: asked });
    } catch (error) {
      this.#logger.warn('An attempt could not be stopped.', { task: id, attempt, error: messageOf(error) });
      return 'unsupported';
    }
  }

  #close(order: StopOrder): void {
    this.#orders.delete(order.key);
    this.#timer.clear(order);
  }
}

const canKill = (lane: BackendLane): boolean =>
  lane.source.manifest !== undefined && lane.source.manifest.features['cancel.kill'].level !== 'absent';
