/** From the crash of a member to the first "dead" of any other, and to the view without it on every member. */
import { GossipWorld } from '../gossip-world.js';

export interface FirstDetectionOptions {
  readonly nodes: number;
  readonly crashes: number;
  readonly seed: number;
  /** Part of the messages lost. @default 0 */
  readonly loss?: number;
}

export interface FirstDetection {
  readonly firstMs: readonly number[];
  /** Until the last running member had adopted the view without it. */
  readonly evictedMs: readonly number[];
  readonly healthyEvictions: number;
  readonly bytesPerNodeSecond: number;
}

const WARM_UP_MS = 5000;
const GAP_MS = 23_456;

export function firstDetection(options: FirstDetectionOptions): FirstDetection {
  const { nodes, crashes, seed, loss = 0 } = options;
  const cluster = new GossipWorld({ nodes, seed, start: 'formed', link: { loss } });
  const { world } = cluster;
  const firstMs: number[] = [];
  const evictedMs: number[] = [];
  let healthyEvictions = 0;
  let victim = -1;
  let crashMs = 0;
  let isSeen = false;
  let lastAdoptedMs = 0;
  cluster.onStatus = ({ atMs, subject, status }) => {
    if (subject !== victim || status !== 'dead' || isSeen) return;
    isSeen = true;
    firstMs.push(atMs - crashMs);
  };
  let epoch = 1;
  cluster.onView = (_, view) => {
    if (victim >= 0 && view.member(victim) === undefined) lastAdoptedMs = world.nowMs;
    if (view.epoch <= epoch) return;
    epoch = view.epoch;
    for (let node = 0; node < nodes; node++)
      if (world.isUp(node) && view.member(node) === undefined) healthyEvictions += 1;
  };
  cluster.start();
  cluster.run(WARM_UP_MS);
  for (let crash = 0; crash < crashes; crash++) {
    victim = Math.floor(((crash + 0.5) * nodes) / crashes);
    crashMs = world.nowMs;
    isSeen = false;
    lastAdoptedMs = Number.NaN;
    world.crash(victim);
    cluster.run(GAP_MS);
    evictedMs.push(lastAdoptedMs - crashMs);
  }
  const seconds = world.nowMs / 1000;
  return {
    firstMs,
    evictedMs,
    healthyEvictions,
    bytesPerNodeSecond: world.network.counts.bytes / nodes / seconds,
  };
}
