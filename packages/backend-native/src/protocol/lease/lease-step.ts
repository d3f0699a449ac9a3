/**
 * The life of one lease at its holder, as a pure step. Time runs from the moment a request was *sent*: the store's own
 * clock starts later, so a holder always stops before the store gives the lease away. No answer is waited for at the
 * end: silence is loss.
 */
import { backoffDelayMs } from '@anant/core';
import { compareTokens, type FencingToken } from '../fencing-token.js';
import {
  type LeaseContext,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseOptions,
  type LeasePhase,
  type LeaseState,
  type LostReason,
  resolveLeaseOptions,
} from './lease-state.js';

export type LeaseStep = readonly [LeaseState, readonly LeaseEffect[]];

const BACKOFF = { backoffMs: 50, backoffMsMax: 1_000 } as const;
/** Added to the remaining time another holder has, so that not every waiter asks at the same moment. */
const JITTER_MS = 50;
/** A released lease is noticed after this long at most. */
const LOOK_MS_MAX = 500;

/** @throws TypeError when the options do not fit together. */
export function newLease(options: LeaseOptions): LeaseState {
  return {
    options: resolveLeaseOptions(options),
    phase: { type: 'idle' },
    requests: 0,
    failures: 0,
    holder: undefined,
  };
}

export function leaseStep(state: LeaseState, event: LeaseEvent, context: LeaseContext): LeaseStep {
  const { phase } = state;
  switch (event.type) {
    case 'start':
      return phase.type === 'idle' ? ask(state, context) : [state, []];
    case 'release':
      return end(state);
    case 'tick':
      return tick(state, context);
    default:
      return isCurrent(phase, event.request) ? answer(state, event, context) : late(state, event);
  }
}

type Answer = Exclude<LeaseEvent, { readonly type: 'start' | 'tick' | 'release' }>;

function answer(state: LeaseState, event: Answer, context: LeaseContext): LeaseStep {
  const { phase } = state;
  switch (event.type) {
    case 'granted':
      return phase.type === 'asking' ? granted(state, phase.sentAtMs, event.token, context) : [state, []];
    case 'taken':
      return wait({ ...state, failures: 0, holder: event.holder }, event.remainingMs, context);
    case 'raised':
      return phase.type === 'raising'
        ? hold(state, { epoch: event.epoch, counter: 0 }, phase.stopAtMs, context)
        : [state, []];
    case 'renewed':
      return renewed(state, context);
    case 'recovered':
      return ask(state, context);
    case 'regressed':
      return phase.type === 'held' ? lose(state, 'store-regressed', context) : recover(state);
    case 'refused':
      return phase.type === 'held' ? lose(state, 'refused', context) : retry(state, context);
    case 'failed':
      return failed(state, context);
  }
}

/** A grant that comes after its time, or after the wait was given up, must not keep others waiting. */
function late(state: LeaseState, event: Answer): LeaseStep {
  if (event.type !== 'granted') return [state, []];
  if (state.phase.type === 'held' && compareTokens(state.phase.token, event.token) === 0) return [state, []];
  return [state, [{ type: 'release', token: event.token }]];
}

function tick(state: LeaseState, context: LeaseContext): LeaseStep {
  const { phase } = state;
  const { nowMs } = context;
  if (phase.type === 'waiting')
    return nowMs >= phase.untilMs ? ask(state, context) : wake(state, phase.untilMs);
  if (phase.type === 'raising' && nowMs >= phase.stopAtMs) return retry(state, context);
  if (phase.type !== 'held') return [state, []];
  if (nowMs >= phase.stopAtMs) return lose(state, 'expired', context);
  if (nowMs < phase.renewAtMs || phase.renewal)
    return wake(state, phase.renewal ? phase.stopAtMs : phase.renewAtMs);
  return renew(state, phase, context);
}

function ask(state: LeaseState, { nowMs }: LeaseContext): LeaseStep {
  const request = state.requests + 1;
  const phase: LeasePhase = { type: 'asking', request, sentAtMs: nowMs };
  return [
    { ...state, phase, requests: request },
    [{ type: 'acquire', request, timeoutMs: state.options.answerMs }],
  ];
}

function granted(state: LeaseState, sentAtMs: number, token: FencingToken, context: LeaseContext): LeaseStep {
  const { ttlMs, marginMs, answerMs, kind } = state.options;
  const stopAtMs = sentAtMs + ttlMs - marginMs;
  if (context.nowMs >= stopAtMs) {
    const [next, effects] = retry(state, context);
    return [next, [{ type: 'release', token }, ...effects]];
  }
  if (kind === 'lock') return hold(state, token, stopAtMs, context);
  const request = state.requests + 1;
  const phase: LeasePhase = { type: 'raising', request, stopAtMs, token };
  return [
    { ...state, phase, requests: request },
    [
      { type: 'raise', request, token, timeoutMs: Math.min(answerMs, stopAtMs - context.nowMs) },
      { type: 'wake', atMs: stopAtMs },
    ],
  ];
}

function hold(state: LeaseState, token: FencingToken, stopAtMs: number, context: LeaseContext): LeaseStep {
  if (context.nowMs >= stopAtMs) return retry(state, context);
  const renewAtMs = Math.min(context.nowMs + state.options.renewMs, stopAtMs);
  return [
    { ...state, phase: { type: 'held', token, stopAtMs, renewAtMs }, failures: 0, holder: undefined },
    [
      { type: 'gained', token, stopAtMs },
      { type: 'wake', atMs: renewAtMs },
    ],
  ];
}

type Held = Extract<LeasePhase, { readonly type: 'held' }>;

function renew(state: LeaseState, phase: Held, { nowMs }: LeaseContext): LeaseStep {
  const request = state.requests + 1;
  const renewal = { request, sentAtMs: nowMs };
  return [
    { ...state, phase: { ...phase, renewal }, requests: request },
    [
      {
        type: 'renew',
        request,
        token: phase.token,
        timeoutMs: Math.min(state.options.answerMs, phase.stopAtMs - nowMs),
      },
      { type: 'wake', atMs: phase.stopAtMs },
    ],
  ];
}

function renewed(state: LeaseState, context: LeaseContext): LeaseStep {
  const { phase, options } = state;
  if (phase.type !== 'held' || !phase.renewal) return [state, []];
  // The answer may come after the end: then the lease is over although the store extended it.
  if (context.nowMs >= phase.stopAtMs) return lose(state, 'expired', context);
  const stopAtMs = phase.renewal.sentAtMs + options.ttlMs - options.marginMs;
  const renewAtMs = Math.max(context.nowMs, phase.renewal.sentAtMs + options.renewMs);
  return [
    { ...state, phase: { type: 'held', token: phase.token, stopAtMs, renewAtMs }, failures: 0 },
    [{ type: 'wake', atMs: Math.min(renewAtMs, stopAtMs) }],
  ];
}

function failed(state: LeaseState, context: LeaseContext): LeaseStep {
  const { phase } = state;
  if (phase.type !== 'held') return retry({ ...state, failures: state.failures + 1 }, context);
  if (context.nowMs >= phase.stopAtMs) return lose(state, 'expired', context);
  const failures = state.failures + 1;
  const renewAtMs = Math.min(context.nowMs + backoffMs(failures, context), phase.stopAtMs);
  const { token, stopAtMs } = phase;
  return [
    { ...state, failures, phase: { type: 'held', token, stopAtMs, renewAtMs } },
    [{ type: 'wake', atMs: renewAtMs }],
  ];
}

function lose(state: LeaseState, reason: LostReason, context: LeaseContext): LeaseStep {
  if (state.phase.type !== 'held') return [state, []];
  const { token } = state.phase;
  const lost: LeaseEffect = { type: 'lost', token, reason };
  if (state.options.whenLost === 'end') return [{ ...state, phase: { type: 'ended' } }, [lost]];
  const [next, effects] = reason === 'store-regressed' ? recover(state) : retry(state, context);
  return [next, [lost, ...effects]];
}

function recover(state: LeaseState): LeaseStep {
  const request = state.requests + 1;
  return [
    { ...state, phase: { type: 'recovering', request }, requests: request },
    [{ type: 'recover', request, timeoutMs: state.options.answerMs }],
  ];
}

const retry = (state: LeaseState, context: LeaseContext): LeaseStep =>
  waitUntil(state, context.nowMs + backoffMs(state.failures, context));

/** Waits for another holder's lease to run out, but looks again before: it may be released. */
function wait(state: LeaseState, remainingMs: number, context: LeaseContext): LeaseStep {
  const waitMs = Math.min(Math.max(0, remainingMs), state.options.renewMs, LOOK_MS_MAX);
  return waitUntil(state, context.nowMs + waitMs + context.random() * JITTER_MS);
}

const waitUntil = (state: LeaseState, untilMs: number): LeaseStep => [
  { ...state, phase: { type: 'waiting', untilMs } },
  [{ type: 'wake', atMs: untilMs }],
];

const wake = (state: LeaseState, atMs: number): LeaseStep => [state, [{ type: 'wake', atMs }]];

function end(state: LeaseState): LeaseStep {
  const { phase } = state;
  const ended: LeaseState = { ...state, phase: { type: 'ended' } };
  const isGranted = phase.type === 'held' || phase.type === 'raising';
  return [ended, isGranted ? [{ type: 'release', token: phase.token }] : []];
}

function isCurrent(phase: LeasePhase, request: number): boolean {
  if (phase.type === 'held') return phase.renewal?.request === request;
  return 'request' in phase && phase.request === request;
}

function backoffMs(failures: number, { random }: LeaseContext): number {
  return backoffDelayMs(BACKOFF, Math.max(1, failures), random);
}
