/** The scheduler's metrics at one moment, as plain data. */
import type { OverloadLevel } from '../overload/overload.js';
import { WAIT_BOUNDS_MS } from './metrics.js';
import type { SchedulerState } from './state.js';

export interface SchedulerReport {
  readonly epoch: number;
  readonly role: 'leader' | 'follower';
  /** Counted since this head began. */
  readonly counters: Readonly<Record<string, number>>;
  readonly tasks: {
    readonly open: number;
    readonly waiting: number;
    readonly assigned: number;
    readonly remembered: number;
    readonly payloadBytes: number;
  };
  /** Waiting tasks by lane: one for all, or one per tenant under `fair-share`. */
  readonly lanes: Readonly<Record<string, number>>;
  readonly workers: readonly WorkerReport[];
  readonly sessions: { readonly open: number; readonly unseenEnds: number };
  /** Entries decided and not yet durable, and steps whose effects wait for them. */
  readonly journal: { readonly index: number; readonly behind: number; readonly held: number };
  /** Time from submission to first assignment: tasks per bucket, cumulative buckets being for whoever draws them. */
  readonly waits: {
    readonly boundsMs: readonly number[];
    readonly counts: readonly number[];
    readonly sumMs: number;
  };
}

export interface WorkerReport {
  readonly id: string;
  readonly state: string;
  readonly slots: number;
  readonly tasks: number;
  readonly backlogMs: number;
  /** `none`, or the step by which it gives way to pressure. */
  readonly overload: OverloadLevel;
}

export function reportOf(state: SchedulerState): SchedulerReport {
  const { waits, waitSumMs, ...counters } = state.metrics;
  let unseenEnds = 0;
  for (const { ends, endsHead } of state.sessions.values()) unseenEnds += ends.length - endsHead;
  return {
    epoch: state.epoch,
    role: state.role,
    counters: { ...counters } as Record<string, number>,
    tasks: {
      open: state.tasks.size,
      waiting: state.waiting,
      assigned: state.tasks.size - state.waiting,
      remembered: state.tasks.endedSize,
      payloadBytes: state.payloadBytes,
    },
    lanes: Object.fromEntries([...state.lanes.values()].map(({ name, waiting }) => [name, waiting])),
    workers: [...state.workers.values()].map(({ id, state: own, slots, occupants, backlogUs, load }) => ({
      id,
      state: own,
      slots,
      tasks: occupants,
      backlogMs: backlogUs / 1000,
      overload: load?.overload?.level ?? 'none',
    })),
    sessions: { open: state.sessions.size, unseenEnds },
    journal: {
      index: state.journalIndex,
      behind: Math.max(0, state.journalIndex - state.durableIndex),
      held: state.held.size,
    },
    waits: { boundsMs: WAIT_BOUNDS_MS, counts: [...waits], sumMs: waitSumMs },
  };
}
