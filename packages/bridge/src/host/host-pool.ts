/** A bounded set of host children that share one queue of calls. A child that dies is replaced; its call ends `lost`. */
import {
  AnantError,
  backoffDelayMs,
  type CancelAnswer,
  type Clock,
  type Random,
  systemClock,
} from '@anant/core';

import type { HostCall, HostCallListener, HostEnd } from './host-call.js';
import { HostChild, type HostChildOptions } from './host-child.js';

export interface HostPoolOptions {
  /** Most children alive at once; each runs one call at a time. */
  readonly slots: number;
  /** Calls that may wait; one more is refused with `E_QUEUE_FULL`. @default 100000 */
  readonly queueCallsMax?: number;
  readonly child?: HostChildOptions;
  /** A child without a call for so long is ended. @default never */
  readonly idleMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

const QUEUE_CALLS_MAX = 100_000;
/** Children that may fail to start in a row before the calls that wait for one end `lost`. */
const START_FAILURES_MAX = 5;
const START_BACKOFF = { backoffMs: 100, backoffMsMax: 5_000 } as const;

interface PendingCall {
  readonly call: HostCall;
  readonly listener: HostCallListener;
}

export class HostPool {
  readonly #options: HostPoolOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #children = new Set<HostChild>();
  /** With the time since when; the one idle longest first. */
  readonly #idle: { readonly child: HostChild; readonly sinceMs: number }[] = [];
  #cancelSweep: (() => void) | undefined;
  readonly #queue = new Map<string, PendingCall>();
  readonly #running = new Map<string, HostChild>();
  readonly #starts = new Set<Promise<void>>();
  #startFailures = 0;
  #isBackingOff = false;
  #isStopped = false;
  #onDrained: (() => void) | undefined;

  constructor(options: HostPoolOptions) {
    if (!Number.isInteger(options.slots) || options.slots < 1) {
      throw new TypeError(`A host pool needs at least one slot, not ${options.slots}.`);
    }
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  get runningCalls(): number {
    return this.#running.size;
  }

  get queuedCalls(): number {
    return this.#queue.size;
  }

  /** Process ids of the children that are alive. */
  get pids(): readonly number[] {
    return [...this.#children].map((child) => child.pid);
  }

  /** Starts children ahead of the first call. @throws AnantError `E_WORKER_EXITED` when one does not start */
  async warm(count = this.#options.slots): Promise<void> {
    const missing = Math.min(count, this.#options.slots) - this.#children.size - this.#starts.size;
    await Promise.all(Array.from({ length: Math.max(0, missing) }, () => this.#startChild()));
  }

  /** Runs a call as soon as a child is free; its `end` always comes. */
  run(call: HostCall, listener: HostCallListener): void {
    if (this.#isStopped) {
      listener({ type: 'end', end: notStarted('The host pool is stopped.') });
      return;
    }
    const max = this.#options.queueCallsMax ?? QUEUE_CALLS_MAX;
    if (this.#queue.size >= max) {
      const reason = `${max} calls already wait for a host child.`;
      listener({ type: 'end', end: { status: 'refused', code: 'E_QUEUE_FULL', reason } });
      return;
    }
    this.#queue.set(keyOf(call.id, call.attempt), { call, listener });
    this.#pump();
  }

  /** Acts on a call: one that waits is dropped, one that runs is asked to stop or killed with its child. */
  cancel(id: string, attempt: number, how: 'ask' | 'kill'): CancelAnswer {
    const key = keyOf(id, attempt);
    const waiting = this.#queue.get(key);
    if (waiting) {
      this.#queue.delete(key);
      waiting.listener({ type: 'end', end: { status: 'cancelled', how } });
      return 'cancelled';
    }
    const child = this.#running.get(key);
    if (!child) return 'unknown-task';
    if (how === 'kill') {
      child.kill();
      return 'cancelled';
    }
    return child.ask(id, attempt) ? 'requested' : 'already-done';
  }

  /** Lets a running stream yield more items; ignored for any other call. */
  credit(id: string, attempt: number, credits: number): void {
    this.#running.get(keyOf(id, attempt))?.credit(id, attempt, credits);
  }

  /** Drops what waits, gives running calls `graceMs`, then ends every child. Calling it twice is fine. */
  async stop(options: { readonly graceMs: number }): Promise<void> {
    this.#isStopped = true;
    this.#cancelSweep?.();
    this.#dropQueue('The host pool was stopped before the task started.');
    if (this.#running.size > 0 && options.graceMs > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.schedule(options.graceMs, resolve);
        this.#onDrained = () => {
          cancel();
          resolve();
        };
      });
    }
    await Promise.allSettled(this.#starts);
    await Promise.all([...this.#children].map((child) => child.stop()));
  }

  #pump(): void {
    while (this.#queue.size > 0) {
      const free = this.#idle.pop();
      if (!free) break;
      if (free.child.isUsable) this.#assign(free.child);
    }
    if (this.#isBackingOff || this.#isStopped) return;
    const room = this.#options.slots - this.#children.size - this.#starts.size;
    const wanted = Math.min(room, this.#queue.size - this.#starts.size);
    for (let at = 0; at < wanted; at += 1) this.#startChild().catch((error) => this.#startFailed(error));
  }

  #assign(child: HostChild): void {
    const [key, { call, listener }] = this.#queue.entries().next().value as [string, PendingCall];
    this.#queue.delete(key);
    this.#running.set(key, child);
    child.call(call, (event) => {
      if (event.type === 'end') this.#finished(key, child);
      listener(event);
    });
  }

  #finished(key: string, child: HostChild): void {
    this.#running.delete(key);
    if (child.isUsable) this.#rest(child);
    else void child.stop();
    // The listener hears of this end before the next call starts.
    queueMicrotask(() => this.#pump());
    if (this.#running.size === 0) this.#onDrained?.();
  }

  #rest(child: HostChild): void {
    this.#idle.push({ child, sinceMs: this.#clock.nowMs() });
    this.#sweepLater();
  }

  #sweepLater(): void {
    const { idleMs } = this.#options;
    const oldest = this.#idle[0];
    if (idleMs === undefined || oldest === undefined || this.#cancelSweep || this.#isStopped) return;
    const delayMs = Math.max(1, oldest.sinceMs + idleMs - this.#clock.nowMs());
    this.#cancelSweep = this.#clock.schedule(delayMs, () => {
      this.#cancelSweep = undefined;
      this.#endIdle(this.#clock.nowMs() - idleMs);
      this.#sweepLater();
    });
  }

  #endIdle(sinceMs: number): void {
    while (this.#idle[0] !== undefined && this.#idle[0].sinceMs <= sinceMs) {
      void this.#idle.shift()!.child.stop();
    }
  }

  async #startChild(): Promise<void> {
    const start = this.#admit();
    this.#starts.add(start);
    try {
      await start;
    } finally {
      this.#starts.delete(start);
    }
    this.#pump();
  }

  async #admit(): Promise<void> {
    const child = await HostChild.start(this.#options.child);
    this.#startFailures = 0;
    this.#children.add(child);
    this.#rest(child);
    void child.exited.then(() => this.#gone(child));
  }

  #gone(child: HostChild): void {
    this.#children.delete(child);
    const at = this.#idle.findIndex((free) => free.child === child);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#pump();
  }

  #startFailed(error: unknown): void {
    this.#startFailures += 1;
    if (this.#startFailures >= START_FAILURES_MAX) {
      this.#startFailures = 0;
      const why = AnantError.is(error) ? error.message : String(error);
      this.#dropQueue(`No host child could be started (${START_FAILURES_MAX} tries). ${why}`);
      return;
    }
    if (this.#isBackingOff) return;
    this.#isBackingOff = true;
    const delayMs = backoffDelayMs(START_BACKOFF, this.#startFailures, this.#random);
    this.#clock.schedule(delayMs, () => {
      this.#isBackingOff = false;
      this.#pump();
    });
  }

  #dropQueue(reason: string): void {
    const waiting = [...this.#queue.values()];
    this.#queue.clear();
    for (const { listener } of waiting) listener({ type: 'end', end: notStarted(reason) });
  }
}

const keyOf = (id: string, attempt: number): string => `${attempt} ${id}`;

function notStarted(reason: string): HostEnd {
  return { status: 'lost', reason, started: 'no', suspect: false, code: 'E_WORKER_EXITED' };
}
