/**
 * SWIM's own figures (Das, Gupta, Motivala, DSN 2002, section 5): periods until somebody detects a failure, e / (e - 1) =
 * 1.58 by its analysis whatever the size, and messages sent per member and period, 2.0.
 */
import { SWIM_TUNING } from '../../protocol/gossip/index.js';
import { GossipWorld } from '../gossip-world.js';
import { mean } from './statistics.js';

export interface SwimDetectionOptions {
  readonly nodes: number;
  readonly runs: number;
  readonly seed: number;
}

export interface SwimDetection {
  readonly periods: number;
  readonly messagesPerPeriod: number;
}

/** The paper's period and helpers. */
const PERIOD_MS = 2000;
const WARM_UP_PERIODS = 60;
const COUNTED_PERIODS = 20;
const WAIT_PERIODS = 60;

export function swimDetection(options: SwimDetectionOptions): SwimDetection {
  const periods: number[] = [];
  const loads: number[] = [];
  for (let run = 0; run < options.runs; run++) {
    const result = oneFailure(options.nodes, options.seed + run);
    periods.push(result.periods);
    loads.push(result.messagesPerPeriod);
  }
  return { periods: mean(periods), messagesPerPeriod: mean(loads) };
}

function oneFailure(nodes: number, seed: number): SwimDetection {
  const tuning = {
    ...SWIM_TUNING,
    intervalMs: PERIOD_MS,
    phase: 'aligned' as const,
    gossipIntervalMs: 0,
    syncIntervalMs: 0,
    helpers: 1,
  };
  const cluster = new GossipWorld({ nodes, seed, start: 'none', tuning });
  cluster.start();
  // Somewhere in a round, so that the round-robin orders are not all at their beginning.
  cluster.run((WARM_UP_PERIODS + (seed % nodes)) * PERIOD_MS - 1);
  const sentBefore = cluster.world.network.counts.sent;
  cluster.run(COUNTED_PERIODS * PERIOD_MS);
  const sent = cluster.world.network.counts.sent - sentBefore;
  const victim = seed % nodes;
  const crashMs = cluster.world.nowMs + 1;
  let detectedMs = Number.NaN;
  cluster.onStatus = ({ atMs, subject, status }) => {
    if (subject === victim && status === 'suspect' && Number.isNaN(detectedMs)) detectedMs = atMs;
  };
  cluster.world.crash(victim);
  cluster.world.run({
    untilMs: crashMs + WAIT_PERIODS * PERIOD_MS,
    isDone: () => !Number.isNaN(detectedMs),
  });
  return {
    periods: (detectedMs - crashMs) / PERIOD_MS,
    messagesPerPeriod: sent / nodes / COUNTED_PERIODS,
  };
}
