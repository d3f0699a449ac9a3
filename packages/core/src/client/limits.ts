/** The bounds of a client: the only place where their defaults live. */
import { AnantError } from '../error/index.js';
import type { ClientLimits } from './types/index.js';

/** Most envelopes handed to a backend in one call. */
export const SUBMIT_BATCH_TASKS_MAX = 1024;
/** Tasks handed over before the event loop gets a turn of its own. */
export const TURN_TASKS_MAX = 8192;
/** Longest wait for a backend's answer about its health, as the contract states. */
export const HEALTH_TIMEOUT_MS = 5_000;
/** Longest wait for a backend's answer to a cancellation. */
export const CANCEL_TIMEOUT_MS = 10_000;
/** How much longer than its grace a backend may take to stop before it is left behind. */
export const STOP_MARGIN_MS = 10_000;
/** Events kept for a reader of `events()`; older ones are dropped and counted. */
export const EVENTS_BUFFER_MAX = 10_000;
/** Reports kept for a reader of `progress()`; older ones are dropped. */
export const PROGRESS_BUFFER_MAX = 256;
/** Tasks of a `map` open at once, unless the caller says otherwise. */
export const MAP_CONCURRENCY_DEFAULT = 4096;

export type ResolvedLimits = Required<Omit<ClientLimits, 'definitionRates' | 'workloadRates'>>;

const DEFAULTS: ResolvedLimits = {
  openTasksMax: 1_000_000,
  dedupTasksMax: 10_000,
  dedupMs: 600_000,
  retryRatio: 0.1,
  retryReserve: 100,
  startTimeoutMs: 120_000,
  downGraceMs: 30_000,
  closeGraceMs: 30_000,
  breakerFailures: 3,
  breakerOpenMs: 10_000,
};

const AT_LEAST_ONE: readonly string[] = ['openTasksMax', 'breakerFailures'];

/** @throws AnantError `E_CONFIG_INVALID` for a limit that is not a number in range. */
export function resolveLimits(limits: ClientLimits = {}): ResolvedLimits {
  const resolved: Record<string, number> = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS)) {
    const value = limits[name as keyof ResolvedLimits];
    if (value === undefined) continue;
    const least = AT_LEAST_ONE.includes(name) ? 1 : 0;
    if (typeof value !== 'number' || !(value >= least)) {
      throw new AnantError(
        'E_CONFIG_INVALID',
        `limits.${name} must be a number of ${least} or more, not ${value}.`,
        {
          details: { path: `limits.${name}`, value },
        },
      );
    }
    resolved[name] = value;
  }
  return resolved as unknown as ResolvedLimits;
}
