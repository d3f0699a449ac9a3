/** What simulated heads, workers and drivers say to each other: the events and effects of the scheduler themselves. */
import type { SchedulerEffect, SchedulerEvent } from '../../protocol/scheduler/index.js';

/** From a worker or driver to the head. */
export type ToHead = SchedulerEvent;
/** From the head to a worker or driver. */
export type FromHead = SchedulerEffect;

/** What a simulated task does; its payload says so. */
export interface Behaviour {
  readonly durationMs: number;
  readonly does: 'return' | 'throw' | 'kill-worker';
}

export const encodeBehaviour = (behaviour: Behaviour): Uint8Array => Buffer.from(JSON.stringify(behaviour));
export const decodeBehaviour = (payload: Uint8Array): Behaviour =>
  JSON.parse(Buffer.from(payload).toString()) as Behaviour;
