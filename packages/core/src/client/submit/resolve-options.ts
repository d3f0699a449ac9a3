/** Turns what a caller asked for into what will be done: the only place where defaults of a task live. */
import type { Delivery, EnvelopeOptions } from '../../contract/index.js';
import type { RetryPolicy, StopPolicy, TaskTimeouts } from '../../policy/index.js';
import type { Requirements, RouteWishes } from '../../routing/index.js';
import type { DefaultOptions, SubmitOptions } from '../types/index.js';
import { checkOptions } from './check-options.js';
import type { AnyDefinition } from './definition.js';
import { requirementsOf } from './requirements.js';

/** The default of `timeouts.scheduleToCloseMs`: 24 hours. Nothing waits for ever. */
export const SCHEDULE_TO_CLOSE_MS_DEFAULT = 86_400_000;

export interface ResolvedOptions {
  readonly workload: string;
  readonly wishes: RouteWishes;
  readonly requirements: Requirements;
  readonly retry: RetryPolicy;
  readonly timeouts: TaskTimeouts;
  readonly stop: StopPolicy;
  readonly delivery: Delivery;
  /** Earliest start: a span from now and a moment of the wall clock; the later one counts. */
  readonly delayMs: number;
  readonly notBeforeMs: number | undefined;
  readonly envelope: EnvelopeOptions;
  /** What the caller asked for itself, for warnings. */
  readonly asked: SubmitOptions;
}

const RETRY: RetryPolicy = { attempts: 3, on: ['lost'], backoffMs: 100, backoffMsMax: 30_000 };
const STOP: StopPolicy = { how: 'ask', graceMs: 5_000, escalate: 'kill' };
const NO_TIMEOUTS: TaskTimeouts = {
  scheduleToStartMs: Number.POSITIVE_INFINITY,
  startToCloseMs: Number.POSITIVE_INFINITY,
  scheduleToCloseMs: SCHEDULE_TO_CLOSE_MS_DEFAULT,
  heartbeatMs: Number.POSITIVE_INFINITY,
};

/**
 * Merges the options of a call over those of its definition over the client's defaults.
 * @throws AnantError `E_TASK_INVALID` naming the option that is wrong.
 */
export function resolveOptions(
  definition: AnyDefinition,
  call: SubmitOptions | undefined,
  defaults: DefaultOptions,
): ResolvedOptions {
  if (call !== undefined) checkOptions(call, definition.name);
  const asked = mergeOptions(definition, call, defaults);
  const output = definition.output === 'stream' ? 'stream' : (asked.output ?? 'value');
  return {
    workload: asked.workload ?? definition.workload,
    wishes: wishesOf(asked),
    requirements: requirementsOf(definition, asked, output),
    retry: merged(RETRY, asked.retry),
    timeouts: merged(NO_TIMEOUTS, asked.timeouts),
    stop: merged(STOP, asked.cancel),
    delivery: asked.delivery ?? 'at-least-once',
    delayMs: asked.delayMs ?? 0,
    notBeforeMs: asked.notBeforeMs,
    envelope: envelopeOptions(asked, output),
    asked,
  };
}

function mergeOptions(
  definition: AnyDefinition,
  call: SubmitOptions | undefined,
  defaults: DefaultOptions,
): SubmitOptions {
  return {
    ...defaults,
    // The workload of a definition is the rule; a default for every task must not take it away.
    workload: definition.workload,
    ...(definition.mode && { mode: definition.mode }),
    ...(definition.resources && { resources: definition.resources }),
    ...dropUndefined(call),
    retry: { ...defaults.retry, ...dropUndefined(call?.retry) },
    timeouts: { ...defaults.timeouts, ...dropUndefined(call?.timeouts) },
    cancel: { ...defaults.cancel, ...dropUndefined(call?.cancel) },
  };
}

export function wishesOf(asked: Pick<SubmitOptions, 'backend' | 'forbid' | 'fallback'>): RouteWishes {
  return {
    ...(asked.backend !== undefined && { pin: asked.backend }),
    ...(asked.forbid && { forbid: asked.forbid }),
    ...(asked.fallback && { fallback: asked.fallback }),
  };
}

function envelopeOptions(asked: SubmitOptions, output: EnvelopeOptions['output']): EnvelopeOptions {
  return Object.freeze({
    priority: asked.priority ?? 0,
    ...(asked.mode && { mode: asked.mode }),
    ...(asked.resources && { resources: asked.resources }),
    ...(asked.placement && { placement: asked.placement }),
    ...(asked.tenant !== undefined && { tenant: asked.tenant }),
    delivery: asked.delivery ?? 'at-least-once',
    output,
  });
}

/** @returns `base` itself when nothing overrides it, so that plain tasks share one object. */
function merged<Base extends object>(base: Base, over: Partial<Base> | undefined): Base {
  for (const key in over) {
    if (over[key] !== undefined) return { ...base, ...dropUndefined(over) };
  }
  return base;
}

function dropUndefined<Options extends object>(options: Options | undefined): Partial<Options> {
  const kept: Partial<Options> = {};
  for (const key in options) {
    if (options[key] !== undefined) kept[key] = options[key];
  }
  return kept;
}
