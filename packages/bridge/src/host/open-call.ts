/** One call while it runs in the host child: its context, its credits and what it has told the parent. */
import {
  AnantError,
  type Clock,
  type GpuContext,
  type GpuDevice,
  STREAM_CREDITS_INITIAL,
  type TaskContext,
} from '@anant/core';
import { CreditGate } from './credit-gate.js';
import { LatestThrottle } from './latest-throttle.js';

/** Progress and heartbeats of one call: at most 20 per second each. */
export const REPORT_INTERVAL_MS = 50;

export interface OpenCallOptions {
  readonly id: string;
  readonly attempt: number;
  readonly credits: number | undefined;
  readonly clock: Clock;
  readonly send: (kind: string, body: object) => void;
  /** Handles messages that arrived while user code kept the event loop busy. */
  readonly poll: () => void;
  /** Kernels for the task, where it may have them; hears what they ran on. */
  readonly gpu?: ((onDevice: (device: GpuDevice) => void) => GpuContext) | undefined;
}

interface Progress {
  readonly done: number;
  readonly total: number;
  readonly note: string | null;
}

export class OpenCall {
  readonly id: string;
  readonly attempt: number;
  readonly credits: CreditGate;
  readonly context: TaskContext;
  readonly #abort = new AbortController();
  readonly #progress: LatestThrottle<Progress>;
  readonly #heartbeat: LatestThrottle<undefined>;
  #isOpen = true;

  constructor(private readonly options: OpenCallOptions) {
    const { id, attempt, clock, send } = options;
    this.id = id;
    this.attempt = attempt;
    this.credits = new CreditGate(options.credits ?? STREAM_CREDITS_INITIAL);
    this.#progress = new LatestThrottle(clock, REPORT_INTERVAL_MS, (progress) =>
      send('progress', { id, attempt, ...progress }),
    );
    this.#heartbeat = new LatestThrottle(clock, REPORT_INTERVAL_MS, () => send('heartbeat', { id, attempt }));
    this.context = this.#makeContext();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Asks the task to stop. */
  cancel(): void {
    this.#abort.abort(new DOMException(`Task ${this.id} was asked to stop.`, 'AbortError'));
  }

  /** Whether a throw of the task is its answer to a cancel request. */
  isCancellation(thrown: unknown): boolean {
    if (!this.signal.aborted) return false;
    return thrown === this.signal.reason || (thrown instanceof Error && thrown.name === 'AbortError');
  }

  /** Sends the last reports; nothing is sent afterwards. */
  close(): void {
    if (!this.#isOpen) return;
    this.#progress.flush();
    this.#heartbeat.flush();
    this.#isOpen = false;
  }

  #gpuContext(): GpuContext {
    const { id, attempt } = this;
    const { gpu, send } = this.options;
    if (gpu) return gpu((device) => this.#isOpen && send('device', { id, attempt, device }));
    throw new AnantError(
      'E_GPU_UNAVAILABLE',
      `Task ${id} does not run in mode "gpu", so it has no kernels.`,
      {
        advice: "Declare it with `mode: 'gpu'`, or use `Gpu` of @anant/core/gpu where it runs.",
      },
    );
  }

  #makeContext(): TaskContext {
    const signal = this.#pollingSignal();
    const gpuContext = () => this.#gpuContext();
    let gpu: GpuContext | undefined;
    return {
      get gpu() {
        gpu ??= gpuContext();
        return gpu;
      },
      taskId: this.id,
      attempt: this.attempt,
      signal,
      progress: (done, total, note) => {
        checkProgress(done, total, note);
        if (this.#isOpen) this.#progress.offer({ done, total, note: note ?? null });
      },
      heartbeat: () => {
        if (this.#isOpen) this.#heartbeat.offer(undefined);
      },
    };
  }

  /** A task that never yields still sees a cancel request when it looks at its signal. */
  #pollingSignal(): AbortSignal {
    const { signal } = this.#abort;
    const { poll } = this.options;
    const read = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get as () => boolean;
    const throwIfAborted = signal.throwIfAborted.bind(signal);
    return Object.defineProperties(signal, {
      aborted: {
        get: () => {
          poll();
          return read.call(signal);
        },
      },
      throwIfAborted: {
        value: () => {
          poll();
          throwIfAborted();
        },
      },
    });
  }
}

function checkProgress(done: unknown, total: unknown, note: unknown): void {
  for (const [name, value] of [
    ['done', done],
    ['total', total],
  ]) {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
      throw new TypeError(
        `progress(${name}) must be a finite number that is not negative, not ${String(value)}.`,
      );
    }
  }
  if (note !== undefined && typeof note !== 'string') throw new TypeError('progress(note) must be a string.');
}
