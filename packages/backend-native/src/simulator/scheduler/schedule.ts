/**
 * What happens to a simulated cluster and when: faults and load, planned before the run. Every step draws from a
 * sequence of its own, so that a run without some of the steps does the same in all others.
 */
import type { Random } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import type { SimWorld } from '../sim-world.js';

/** Does something, and says what. */
export type Action = (random: Random) => string;

export interface PlannedStep {
  /** Counts from 0, in the order of planning. */
  readonly number: number;
  readonly atMs: number;
  readonly kind: 'fault' | 'load';
}

export interface DoneStep extends PlannedStep {
  readonly what: string;
}

export interface ScheduleOptions {
  readonly world: SimWorld;
  readonly seed: number;
  /** Numbers of the steps that happen. @default all */
  readonly keep?: ReadonlySet<number>;
}

export class Schedule {
  readonly planned: PlannedStep[] = [];
  readonly done: DoneStep[] = [];
  /** For the plans themselves. */
  readonly random: Random;
  readonly #options: ScheduleOptions;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    this.random = seededRandom(options.seed + 77);
  }

  fault(atMs: number, action: Action): void {
    this.#plan('fault', atMs, action);
  }

  load(atMs: number, action: Action): void {
    this.#plan('load', atMs, action);
  }

  /** At `count` random moments before `untilMs`. */
  atRandom(untilMs: number, count: number, action: Action): void {
    for (let time = 0; time < count; time += 1) this.fault(this.random() * untilMs, action);
  }

  #plan(kind: 'fault' | 'load', atMs: number, action: Action): void {
    const { world, seed, keep } = this.#options;
    const number = this.planned.length;
    const step: PlannedStep = { number, atMs, kind };
    this.planned.push(step);
    if (keep !== undefined && !keep.has(number)) return;
    const random = seededRandom(seed * 1_009 + number);
    world.at(atMs, () => {
      this.done.push({ ...step, what: action(random) });
    });
  }
}
