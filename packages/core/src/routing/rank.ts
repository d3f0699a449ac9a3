/** The order between backends that can all take a task: docs/routing.md, "Between several". */
import type { BackendState, Requirements } from './types.js';

/** A backend in the running. */
export interface Contender {
  readonly backend: string;
  readonly score: number;
  readonly state: BackendState | undefined;
}

/** The first criterion on which two contenders differ; `order` when they differ in nothing. */
export type Criterion = 'health' | 'score' | 'latency' | 'locality' | 'order';

export interface Comparison {
  readonly criterion: Criterion;
  /** Negative when the first contender is better. */
  readonly sign: number;
}

/** Compares two contenders; `second` was named later, so it loses a complete tie. */
export function compare(
  first: Contender,
  second: Contender,
  storedBytes: Requirements['storedBytes'],
): Comparison {
  const health = Number(isDegraded(first)) - Number(isDegraded(second));
  if (health !== 0) return { criterion: 'health', sign: health };
  const score = second.score - first.score;
  if (score !== 0) return { criterion: 'score', sign: score };
  const latency = latencyStep(first) - latencyStep(second);
  if (latency !== 0) return { criterion: 'latency', sign: latency };
  const local = bytesAt(storedBytes, second.backend) - bytesAt(storedBytes, first.backend);
  if (local !== 0) return { criterion: 'locality', sign: local };
  return { criterion: 'order', sign: -1 };
}

/** Says, for people, why `loser` lost against `winner`. */
export function describeLoss(
  winner: Contender,
  loser: Contender,
  storedBytes: Requirements['storedBytes'],
): string {
  const against = `against ${winner.backend}'s`;
  switch (compare(winner, loser, storedBytes).criterion) {
    case 'health':
      return `degraded: ${loser.state?.reason ?? 'no reason given'}`;
    case 'score':
      return `score ${loser.score} ${against} ${winner.score}`;
    case 'latency':
      return `same score, latency ${describeLatency(loser)} ${against} ${describeLatency(winner)}`;
    case 'locality':
      return `same score and latency, ${bytesAt(storedBytes, loser.backend)} bytes of the input already there ${against} ${bytesAt(storedBytes, winner.backend)}`;
    case 'order':
      return `equal to ${winner.backend} in everything, but named after it`;
  }
}

const isDegraded = (contender: Contender): boolean => contender.state?.health === 'degraded';

/** Whole powers of two: measured noise below a factor of two must not move work back and forth. */
function latencyStep(contender: Contender): number {
  const latencyMs = contender.state?.latencyMs;
  return latencyMs === undefined ? LATENCY_STEP_UNKNOWN : Math.ceil(Math.log2(Math.max(latencyMs, 0.001)));
}

const LATENCY_STEP_UNKNOWN = 64;

const bytesAt = (storedBytes: Requirements['storedBytes'], backend: string): number =>
  storedBytes?.[backend] ?? 0;

const describeLatency = (contender: Contender): string =>
  contender.state?.latencyMs === undefined ? 'unknown' : `${contender.state.latencyMs} ms`;
