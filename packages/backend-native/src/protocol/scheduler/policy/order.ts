/** Which waiting task is next. Tasks wait in lanes; the lane that had least so far goes first, then the urgent in it. */
import type { TaskSpec } from '../task-spec.js';

/**
 * - `fifo`: in the order of arrival.
 * - `priority`: the more urgent first, equals in the order of arrival.
 * - `fair-share`: tenants in turn, by weight; within a tenant as `priority`.
 */
export type OrderName = 'fifo' | 'priority' | 'fair-share';

export interface OrderPolicy {
  readonly name: OrderName;
  /** Where the task waits. */
  laneOf(spec: TaskSpec): string;
  priorityOf(spec: TaskSpec): number;
  /**
   * How far the lane moves on its own time when a task of `costUs` is taken from it: start-time fair queueing
   * (Goyal, Vin and Cheng, SIGCOMM 1996).
   */
  charge(costUs: number, weight: number): number;
  /** One sentence for `explain`. */
  readonly rule: string;
}

const FIFO: OrderPolicy = {
  name: 'fifo',
  laneOf: () => '',
  priorityOf: () => 0,
  charge: () => 0,
  rule: 'Tasks go in the order of their arrival.',
};

const PRIORITY: OrderPolicy = {
  name: 'priority',
  laneOf: () => '',
  priorityOf: ({ priority }) => priority,
  charge: () => 0,
  rule: 'The more urgent goes first, equals in the order of their arrival.',
};

const FAIR_SHARE: OrderPolicy = {
  name: 'fair-share',
  laneOf: ({ tenant }) => tenant,
  priorityOf: ({ priority }) => priority,
  charge: (costUs, weight) => Math.max(1, costUs) / weight,
  rule: 'The tenant that had least run time for its weight goes first; within a tenant the more urgent.',
};

export const ORDER_POLICIES: Readonly<Record<OrderName, OrderPolicy>> = {
  fifo: FIFO,
  priority: PRIORITY,
  'fair-share': FAIR_SHARE,
};
