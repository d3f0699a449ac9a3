/** A task on its way through the slots, as the main thread sees it. */
import type { SharedKernelCall } from '@anant/core';
import type { Attempt } from '../attempt.js';
import type { KernelWork } from '../kernel/kernel-work.js';
import type { PreparedInput } from '../prepared-input.js';
import type { DurationEstimate } from '../schedule/duration-estimate.js';
import type { OutputKind, ThreadDefinition, ThreadEnd } from './messages.js';
import type { ThreadSlot } from './thread-slot.js';

/** What slots need to know of a definition; one object per definition, shared by its tasks. */
export interface SlotDefinition {
  /** Number that messages carry; unique among the definitions in use. */
  readonly id: number;
  readonly definition: ThreadDefinition;
  readonly estimate: DurationEstimate;
}

export interface ThreadTask {
  readonly attempt: Attempt;
  readonly definition: SlotDefinition;
  readonly input: PreparedInput;
  readonly output: OutputKind;
  /** A kernel call instead of `input`, and where it lies once a slot took it. */
  readonly work: KernelWork | undefined;
  kernel: SharedKernelCall | undefined;
  /** The slot it was sent to, and the work that the slot counts for it, in microseconds. */
  slot: ThreadSlot | undefined;
  us: number;
  isKilled: boolean;
  /** Set when it has ended. */
  ended: ThreadTaskEnd['status'] | undefined;
}

export function newThreadTask(
  attempt: Attempt,
  definition: SlotDefinition,
  input: PreparedInput,
  work: KernelWork | undefined,
): ThreadTask {
  return {
    attempt,
    definition,
    input,
    output: attempt.envelope.options.output,
    work,
    kernel: undefined,
    slot: undefined,
    us: 0,
    isKilled: false,
    ended: undefined,
  };
}

export interface ThreadLoss {
  readonly status: 'lost';
  readonly reason: string;
  readonly started: 'no' | 'yes';
}

/** How a task ended on its slot. `plain` is a result that needed no encoding. */
export type ThreadTaskEnd =
  | ThreadEnd
  | ThreadLoss
  | { readonly status: 'plain'; readonly value: unknown }
  | { readonly status: 'killed' }
  | { readonly status: 'unknown'; readonly reason: string };

/** Receives what happens to the tasks of a slot. `taskEnd` comes exactly once per task, unless it is handed back. */
export interface SlotListener {
  taskStart(task: ThreadTask, worker: string): void;
  taskProgress(task: ThreadTask, done: number, total: number, note: string | undefined): void;
  taskHeartbeat(task: ThreadTask): void;
  taskItem(task: ThreadTask, sequence: number, value: unknown): void;
  taskEnd(task: ThreadTask, end: ThreadTaskEnd): void;
  /** Tasks the slot never began, because its session ended. */
  handedBack(tasks: readonly ThreadTask[]): void;
  /** An error escaped a task, so the thread is replaced. */
  retired(slot: ThreadSlot, reason: string): void;
  /** The slot can take tasks again, or its session ended. `failure` is set when the thread could not be started. */
  changed(slot: ThreadSlot, failure: Error | undefined): void;
}
