/** The rate limits of a client: by definition, by workload. Every attempt passes those that concern it. */
import type { Clock } from '../../contract/index.js';
import { AnantError } from '../../error/index.js';
import type { ClientLimits, RateLimit } from '../types/index.js';
import { RateGate } from './rate-gate.js';
import type { Task } from './task.js';

export class RateGates {
  readonly #byDefinition: ReadonlyMap<string, RateGate>;
  readonly #byWorkload: ReadonlyMap<string, RateGate>;
  readonly #onPass: (task: Task) => void;

  /** @throws AnantError `E_CONFIG_INVALID` */
  constructor(clock: Clock, limits: ClientLimits, onPass: (task: Task) => void) {
    const passed = (task: Task, gate: RateGate) => this.#enterFrom(task, gate);
    const gates = (name: string, rates: Readonly<Record<string, RateLimit>> = {}) =>
      new Map(
        Object.entries(rates).map(([key, rate]) => {
          const options = bucketOptions(`limits.${name}.${key}`, rate);
          return [key, new RateGate(clock, options, passed)];
        }),
      );
    this.#byDefinition = gates('definitionRates', limits.definitionRates);
    this.#byWorkload = gates('workloadRates', limits.workloadRates);
    this.#onPass = onPass;
  }

  get isEmpty(): boolean {
    return this.#byDefinition.size === 0 && this.#byWorkload.size === 0;
  }

  /** Calls `onPass` when every limit lets the task go on, at once if they do. */
  enter(task: Task): void {
    this.#enterFrom(task, undefined);
  }

  remove(task: Task): void {
    task.extras?.gate?.remove(task);
  }

  #enterFrom(task: Task, passed: RateGate | undefined): void {
    const { definition, options } = task.plan;
    const first = this.#byDefinition.get(definition.name);
    const second = this.#byWorkload.get(options.workload);
    if (passed === undefined && first !== undefined && !this.#enterOne(task, first)) return;
    if (passed !== second && second !== undefined && !this.#enterOne(task, second)) return;
    if (task.extras?.gate !== undefined) delete task.extras.gate;
    this.#onPass(task);
  }

  #enterOne(task: Task, gate: RateGate): boolean {
    if (gate.enter(task)) return true;
    task.state = 'gated';
    task.more().gate = gate;
    return false;
  }
}

function bucketOptions(path: string, rate: RateLimit): { perSecond: number; burst: number } {
  const { perSecond, burst = Math.max(1, perSecond) } = rate;
  if (!(Number.isFinite(perSecond) && perSecond > 0 && Number.isFinite(burst) && burst >= 1)) {
    throw new AnantError('E_CONFIG_INVALID', `${path} needs perSecond above 0 and burst of 1 or more.`, {
      details: { path, value: rate },
    });
  }
  return { perSecond, burst };
}
