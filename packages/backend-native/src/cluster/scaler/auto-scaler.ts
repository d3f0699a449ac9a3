/** Keeps a cluster as large as its load needs: looks, lets the scaler decide, starts workers and drains others. */
import { AnantError, type Clock, systemClock } from '@anant/core';
import { KeepAlive } from '../../embedded/keep-alive.js';
import {
  type ClusterObservation,
  NEW_SCALER,
  resolveScaler,
  type ScalerDecision,
  type ScalerOptions,
  type ScalerSettings,
  type ScalerState,
  scale,
} from '../../protocol/scaler/index.js';
import type { StatusResponse } from '../proto/anant/v1/cluster.js';

/** Where workers come from. Draining ends them: a drained worker leaves by itself. */
export interface WorkerProvider {
  start(count: number): Promise<readonly string[]>;
  /** Called at every look. */
  forgetEnded(): void;
}

/** The part of `ClusterAdmin` that is used. */
export interface ScaledCluster {
  status(): Promise<StatusResponse>;
  drain(node: string): Promise<number>;
}

export interface AutoScalerOptions extends ScalerOptions {
  readonly cluster: ScaledCluster;
  readonly provider: WorkerProvider;
  /** Pause between two looks, in milliseconds. @default 1000 */
  readonly intervalMs?: number;
  /** Whether decisions are carried out or only told. @default 'act' */
  readonly mode?: 'act' | 'advise';
  /** Told every decision, and what carrying it out ran into. */
  readonly onDecision?: (report: ScalerReport) => void;
  readonly clock?: Clock;
}

export interface ScalerReport {
  readonly decision: ScalerDecision;
  readonly workers: number;
  /** Why what was decided could not be done. */
  readonly error?: AnantError;
  /** Why the cluster could not be looked at; nothing is changed then. */
  readonly unseen?: AnantError;
}

export class AutoScaler {
  readonly #options: AutoScalerOptions;
  readonly #settings: ScalerSettings;
  readonly #clock: Clock;
  #state: ScalerState = NEW_SCALER;

  /** @throws AnantError `E_CONFIG_INVALID` naming the option that is wrong */
  constructor(options: AutoScalerOptions) {
    this.#options = options;
    this.#settings = resolveScaler(options);
    this.#clock = options.clock ?? systemClock;
    const { intervalMs = 1_000 } = options;
    if (intervalMs >= 1) return;
    throw new AnantError(
      'E_CONFIG_INVALID',
      `The scaler's intervalMs must be at least 1, not ${intervalMs}.`,
    );
  }

  /** Looks and acts until the signal ends it, or so many times. What it has begun it finishes. */
  async run(signal: AbortSignal, looks = Number.POSITIVE_INFINITY): Promise<void> {
    const keepAlive = new KeepAlive();
    keepAlive.hold();
    try {
      for (let look = 0; look < looks && !signal.aborted; look++) {
        if (look > 0) await this.#pause(signal);
        if (!signal.aborted) await this.look();
      }
    } finally {
      keepAlive.end();
    }
  }

  /** One look, one decision. */
  async look(): Promise<ScalerReport> {
    const seen = await this.#observe();
    const unseen = AnantError.is(seen) ? seen : undefined;
    const observation = AnantError.is(seen) ? undefined : seen;
    const [state, decision] = scale(this.#state, observation, this.#settings);
    this.#state = state;
    const workers = observation?.workers.length ?? 0;
    const error = this.#options.mode === 'advise' ? undefined : await this.#perform(decision);
    const report = { decision, workers, ...(error && { error }), ...(unseen && { unseen }) };
    this.#options.onDecision?.(report);
    return report;
  }

  async #observe(): Promise<ClusterObservation | AnantError> {
    try {
      this.#options.provider.forgetEnded();
      return observationOf(await this.#options.cluster.status(), this.#clock.nowMs());
    } catch (error) {
      if (AnantError.is(error)) return error;
      throw error;
    }
  }

  async #perform(decision: ScalerDecision): Promise<AnantError | undefined> {
    const { cluster, provider } = this.#options;
    try {
      if (decision.type === 'grow') await provider.start(decision.count);
      if (decision.type === 'shrink') for (const node of decision.nodes) await cluster.drain(node);
      return undefined;
    } catch (error) {
      if (AnantError.is(error)) return error;
      throw error;
    }
  }

  #pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.schedule(this.#options.intervalMs ?? 1_000, end);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });
  }
}

function observationOf(status: StatusResponse, atMs: number): ClusterObservation {
  const workers = status.members.filter(({ role }) => role === 'worker');
  return {
    atMs,
    queued: Number(status.queued),
    ended: Number(status.ended),
    epoch: Number(status.epoch),
    workers: workers.map(({ node, state, slots, running, assigned, joinedMsAgo }) => ({
      node,
      state: state === 'ready' || state === 'draining' ? state : 'suspect',
      slots,
      running,
      assigned,
      joinedMsAgo: Number(joinedMsAgo),
    })),
  };
}
