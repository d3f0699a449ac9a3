/** Measures this worker at regular intervals, gives way to pressure, and tells the head. */
import type { Logger } from '@anant/core';
import { calmOverload, nextOverload, type Overload } from '../../protocol/overload/overload.js';
import type { BundleInUse } from '../code/code-desk.js';
import type { Load } from '../proto/anant/v1/worker.js';
import type { Measured, Readings } from './machine-readings.js';

/** Pause between two looks at the machine. */
export const MEASURE_EVERY_MS = 1_000;

export interface LoadMeterOptions {
  readonly slots: number;
  readonly running: () => number;
  readonly readings: Readings;
  readonly spilledBytes: () => number;
  /** The worker was told to spill: called with each reading for as long as that holds. */
  readonly spill: (measured: Measured) => void;
  /** Called with each reading, for what is due from time to time. */
  readonly tidy: () => void;
  readonly code: () => { readonly bundles: readonly BundleInUse[]; readonly shipped: number };
  readonly tell: (load: Load) => void;
  readonly logger: Logger;
}

export class LoadMeter {
  readonly #options: LoadMeterOptions;
  #overload: Overload;
  #timer: NodeJS.Timeout | undefined;
  #everyMs = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #told: Overload | undefined;
  #isMeasuring = false;
  #cpu = process.cpuUsage();
  #atMs = performance.now();

  constructor(options: LoadMeterOptions) {
    this.#options = options;
    this.#overload = calmOverload(options.slots);
  }

  /** @param everyMs how often the head is told when nothing changes */
  start(everyMs: number): void {
    this.stop();
    this.#everyMs = everyMs;
    this.#told = undefined;
    void this.measure();
    this.#timer = setInterval(() => void this.measure(), MEASURE_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look: a slow one is not overtaken by the next. */
  async measure(): Promise<void> {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    try {
      this.#take(await this.#options.readings());
    } finally {
      this.#isMeasuring = false;
    }
  }

  #take(measured: Measured): void {
    const { slots, running, spill, tidy, logger } = this.#options;
    const before = this.#overload;
    this.#overload = nextOverload(before, measured, slots);
    const { level, reason } = this.#overload;
    if (level !== before.level) logger.warn(`Overload: ${level}. ${reason || 'The pressure is over.'}`);
    // Where nothing runs any more, nothing else would ever free the memory that it refuses for.
    if (level === 'spilling' || (level === 'refusing' && running() === 0)) spill(measured);
    tidy();
    const isNews = this.#told?.level !== level || this.#told.slots !== this.#overload.slots;
    const nowMs = performance.now();
    if (!isNews && nowMs - this.#toldMs < this.#everyMs) return;
    this.#toldMs = nowMs;
    this.#told = this.#overload;
    this.#options.tell(this.#load(measured, nowMs));
  }

  #load({ memoryFreeBytes, memoryBytes, gpu, gpuMemory }: Measured, nowMs: number): Load {
    const { running, spilledBytes, code } = this.#options;
    const { user, system } = process.cpuUsage(this.#cpu);
    const busy = (user + system) / 1000 / Math.max(1, nowMs - this.#atMs) / this.#options.slots;
    this.#cpu = process.cpuUsage();
    this.#atMs = nowMs;
    const { level, slots, reason } = this.#overload;
    const { bundles, shipped } = code();
    return {
      cpu: Math.min(1, busy),
      memoryFreeBytes,
      running: running(),
      slots,
      memoryBytes,
      overload: level,
      overloadReason: reason,
      gpu,
      gpuMemory,
      spilledBytes: spilledBytes(),
      bundles: bundles.map((bundle) => ({ ...bundle })),
      bundlesShipped: shipped,
    };
  }
}
