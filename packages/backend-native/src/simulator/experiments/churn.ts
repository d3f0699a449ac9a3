/** A large cluster in which members crash and new ones come, evenly, for a while. */
import type { GossipTuning } from '../../protocol/gossip/index.js';
import { GossipWorld } from '../gossip-world.js';

export interface ChurnOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly minutes: number;
  /** Part of the members that crash each minute; as many come. */
  readonly partPerMinute: number;
  /** Parameters that differ from the defaults. */
  readonly tuning?: Partial<GossipTuning>;
  /** Called after each minute of churn, as a large run takes long. */
  readonly onMinute?: (minute: number, healthyEvictions: number) => void;
}

export interface Churn {
  readonly crashes: number;
  readonly joins: number;
  /** Members removed from the view while they ran. */
  readonly healthyEvictions: number;
  /** Of those that crashed or came in time for it, how many are not yet in the view as they should. */
  readonly behind: number;
  readonly epochs: number;
  readonly distinctViewsAtEnd: number;
  readonly messages: number;
}

const WARM_UP_MS = 2000;
const SETTLE_MS = 30_000;

export function churn({ nodes, seed, minutes, partPerMinute, tuning = {}, onMinute }: ChurnOptions): Churn {
  const cluster = new GossipWorld({ nodes, seed, start: 'formed', tuning });
  const { world } = cluster;
  const perMinute = nodes * partPerMinute;
  const crashed = new Set<number>();
  let healthyEvictions = 0;
  let epoch = 1;
  let before = cluster.members[0]!.view!;
  cluster.onView = (_, view) => {
    if (view.epoch <= epoch) return;
    for (const { index } of before.members)
      if (view.member(index) === undefined && world.isUp(index)) healthyEvictions += 1;
    epoch = view.epoch;
    before = view;
  };
  cluster.start();
  cluster.run(WARM_UP_MS);
  let joins = 0;
  const changes = Math.round(perMinute * minutes);
  for (let change = 0; change < changes; change++) {
    world.at(WARM_UP_MS + (change * minutes * 60_000) / changes, () => {
      const victim = 1 + ((change * 7919) % (nodes - 1));
      if (world.isUp(victim)) {
        world.crash(victim);
        crashed.add(victim);
      }
      cluster.join([(victim * 31) % nodes, 0, (victim * 17) % nodes].filter((node) => world.isUp(node)));
      joins += 1;
    });
  }
  for (let minute = 1; minute <= minutes; minute++) {
    cluster.run(60_000);
    onMinute?.(minute, healthyEvictions);
  }
  cluster.run((minutes % 1) * 60_000 + SETTLE_MS);
  const view = cluster.members[0]!.view!;
  let behind = 0;
  for (let node = 0; node < world.nodeCount; node++)
    if (world.isUp(node) !== (view.member(node) !== undefined)) behind += 1;
  return {
    crashes: crashed.size,
    joins,
    healthyEvictions,
    behind,
    epochs: epoch - 1,
    distinctViewsAtEnd: cluster.views().size,
    messages: world.network.counts.sent,
  };
}
