/** How busy this worker is, told to the head at regular intervals. */
import { freemem } from 'node:os';
import type { Load } from '../proto/anant/v1/worker.js';

export class LoadMeter {
  readonly #slots: number;
  readonly #running: () => number;
  readonly #tell: (load: Load) => void;
  #timer: NodeJS.Timeout | undefined;
  #cpu = process.cpuUsage();
  #atMs = performance.now();

  constructor(slots: number, running: () => number, tell: (load: Load) => void) {
    this.#slots = slots;
    this.#running = running;
    this.#tell = tell;
  }

  start(everyMs: number): void {
    this.stop();
    this.#tell(this.#measure());
    this.#timer = setInterval(() => this.#tell(this.#measure()), everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #measure(): Load {
    const nowMs = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const busy = (user + system) / 1000 / (nowMs - this.#atMs) / this.#slots;
    this.#cpu = process.cpuUsage();
    this.#atMs = nowMs;
    return {
      cpu: Math.min(1, busy),
      memoryFreeBytes: freemem(),
      running: this.#running(),
      slots: this.#slots,
      memoryBytes: process.memoryUsage.rss(),
    };
  }
}
