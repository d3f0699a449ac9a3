/**
 * Lifeguard's experiment (arXiv 1707.00788, section V): some members cannot send or receive for a while, again and again,
 * and it is counted how often a member that was well all the time is declared dead, and where.
 */
import type { GossipTuning } from '../../protocol/gossip/index.js';
import { GossipWorld } from '../gossip-world.js';

export interface AnomalyGridOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly tuning: Partial<GossipTuning>;
  /** With `views`, evictions are counted too. */
  readonly views: 'formed' | 'none';
  /** Members that are disturbed at the same time. */
  readonly concurrent: readonly number[];
  readonly durationsMs: readonly number[];
  /** Time between two disturbances. */
  readonly pausesMs: readonly number[];
  /** Length of one run. */
  readonly runMs: number;
}

export interface AnomalyCounts {
  /** A member that was well was declared dead, counted wherever it was believed. */
  falsePositives: number;
  /** Of these, by members that were well themselves. */
  atHealthy: number;
  /** Members that were well and were removed from the view. */
  evictions: number;
  messages: number;
  bytes: number;
}

const QUIET_MS = 15_000;

export function anomalyGrid(options: AnomalyGridOptions): AnomalyCounts {
  const counts: AnomalyCounts = { falsePositives: 0, atHealthy: 0, evictions: 0, messages: 0, bytes: 0 };
  let seed = options.seed;
  for (const concurrent of options.concurrent)
    for (const durationMs of options.durationsMs)
      for (const pauseMs of options.pausesMs)
        addRun(counts, options, { concurrent, durationMs, pauseMs, seed: seed++ });
  return counts;
}

interface Disturbance {
  readonly concurrent: number;
  readonly durationMs: number;
  readonly pauseMs: number;
  readonly seed: number;
}

function addRun(counts: AnomalyCounts, options: AnomalyGridOptions, disturbance: Disturbance): void {
  const { nodes, tuning, views, runMs } = options;
  const { concurrent, durationMs, pauseMs, seed } = disturbance;
  const cluster = new GossipWorld({ nodes, seed, start: views, tuning });
  // Evenly spread over the numbers, which mean nothing to the protocol.
  const disturbed = new Set(
    Array.from({ length: concurrent }, (_, index) => Math.floor((index * nodes) / concurrent)),
  );
  cluster.onStatus = ({ observer, subject, status }) => {
    if (status !== 'dead' || disturbed.has(subject)) return;
    counts.falsePositives += 1;
    if (!disturbed.has(observer)) counts.atHealthy += 1;
  };
  let epoch = 0;
  cluster.onView = (_, view) => {
    if (view.epoch <= epoch) return;
    epoch = view.epoch;
    for (let node = 0; node < nodes; node++)
      if (!disturbed.has(node) && view.member(node) === undefined) counts.evictions += 1;
  };
  cluster.start();
  cluster.run(QUIET_MS);
  const { world } = cluster;
  const endMs = QUIET_MS + runMs;
  for (let atMs = QUIET_MS; atMs < endMs; atMs += durationMs + pauseMs)
    world.at(atMs, () => {
      for (const node of disturbed) world.pause(node, durationMs, 'messages');
    });
  world.run({ untilMs: endMs });
  counts.messages += world.network.counts.sent;
  counts.bytes += world.network.counts.bytes;
}
