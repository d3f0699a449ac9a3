/** Choices and bounds of the scheduler. Every bound says what happens at it. */
import type { OrderName } from './policy/order.js';
import type { PlaceName } from './policy/place.js';

export interface SchedulerOptions {
  /** Which waiting task is next. @default 'priority' */
  readonly order: OrderName;
  /** Which worker takes it. @default 'least-loaded' */
  readonly place: PlaceName;
  /** Share of each tenant under `fair-share`, by name. Others have 1. @default {} */
  readonly weights: Readonly<Record<string, number>>;
  /** How long a worker may go unheard before its tasks are taken from it. @default 9000 */
  readonly leaseMs: number;
  /** How long a worker whose stream closed has to come back before it is taken for dead. @default 2000 */
  readonly disconnectGraceMs: number;
  /** How long a session waits for its driver before what is open is cancelled. @default 60000 */
  readonly sessionRetainMs: number;
  /** Work a worker may have waiting, per slot, in milliseconds of estimated run time. @default 20 */
  readonly prefetchMs: number;
  /** How long a demanding task may be passed by before a worker is kept free for it. @default 1000 */
  readonly starveMs: number;
  /** Longest that workers are kept free for a gang; then others go first for as long. @default 60000 */
  readonly gangTurnMs: number;
  /** Work waiting at a busy worker, per slot, worth taking back for an idle one. @default 5 */
  readonly stealMs: number;
  /** How long a worker has to act on a cancel request before its answer is `requested`. @default 4000 */
  readonly cancelAnswerMs: number;
  /** How long the end of a task is remembered after the driver has seen it: the dedup window. @default 3600000 */
  readonly dedupMs: number;
  /** How long a worker that left still counts as existing when a placement names it. @default 60000 */
  readonly departedMs: number;
  /** Deaths of workers after which a task runs alone. @default 2 */
  readonly deathsAlone: number;
  /** Deaths of workers after which a task is refused for good. @default 3 */
  readonly deathsMax: number;
  readonly limits: SchedulerLimits;
}

export interface SchedulerLimits {
  /** Tasks open in all, waiting and running; more are refused with E_QUEUE_FULL. @default 2000000 */
  readonly tasksMax: number;
  /** Bytes of payloads of open tasks; more are refused with E_QUEUE_FULL. @default 2 GiB */
  readonly payloadBytesMax: number;
  /** Open tasks of one tenant; more are refused with E_QUEUE_FULL. @default 2000000 */
  readonly tenantTasksMax: number;
  /** Open tasks and unseen ends of one session; more are refused with E_QUEUE_FULL. @default 2000000 */
  readonly sessionTasksMax: number;
  /** Sessions; one more is answered as unknown. @default 4096 */
  readonly sessionsMax: number;
  /** Workers; one more is told to join again later. @default 10000 */
  readonly workersMax: number;
  /** Kinds of demand (resources and placement) waiting at once; another is refused with E_QUEUE_FULL. @default 4096 */
  readonly classesMax: number;
  /** Tasks waiting or running at one worker. @default 4096 */
  readonly workerTasksMax: number;
  /** Ended tasks remembered by id; the oldest is forgotten. @default 200000 */
  readonly dedupTasksMax: number;
  /** Tasks whose deaths are counted; the oldest count is forgotten. @default 10000 */
  readonly deathsTasksMax: number;
  /** Definitions whose run time is estimated; the oldest estimate is forgotten. @default 10000 */
  readonly definitionsMax: number;
  /** Workers with room that one decision compares; beyond, it looks at the next ones in turn. @default 128 */
  readonly candidatesMax: number;
}

export const SCHEDULER_LIMITS: SchedulerLimits = {
  tasksMax: 2_000_000,
  payloadBytesMax: 2 * 1024 ** 3,
  tenantTasksMax: 2_000_000,
  sessionTasksMax: 2_000_000,
  sessionsMax: 4096,
  workersMax: 10_000,
  classesMax: 4096,
  workerTasksMax: 4096,
  dedupTasksMax: 200_000,
  deathsTasksMax: 10_000,
  definitionsMax: 10_000,
  candidatesMax: 128,
};

export const SCHEDULER_DEFAULTS: SchedulerOptions = {
  order: 'priority',
  place: 'least-loaded',
  weights: {},
  leaseMs: 9000,
  disconnectGraceMs: 2000,
  sessionRetainMs: 60_000,
  prefetchMs: 20,
  starveMs: 1000,
  gangTurnMs: 60_000,
  stealMs: 5,
  cancelAnswerMs: 4000,
  dedupMs: 3_600_000,
  departedMs: 60_000,
  deathsAlone: 2,
  deathsMax: 3,
  limits: SCHEDULER_LIMITS,
};
