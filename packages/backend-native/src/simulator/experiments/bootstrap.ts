/** All members but the founder start at once, knowing one seed: until when do all have the same view of all, through how many? */
import { GossipWorld } from '../gossip-world.js';

export interface BootstrapOptions {
  readonly nodes: number;
  readonly seed: number;
  readonly seconds: number;
}

export interface Bootstrap {
  /** Virtual milliseconds until everyone is in the view of everyone; NaN if never. */
  readonly formedMs: number;
  /** Different views that anybody had on the way. */
  readonly distinctViews: number;
  /** How many were in the last view. */
  readonly members: number;
}

export function bootstrap({ nodes, seed, seconds }: BootstrapOptions): Bootstrap {
  const cluster = new GossipWorld({ nodes, seed, start: 'joining', seeds: [0, 1, 2] });
  const seen = new Set<string>();
  const complete = new Set<number>();
  let formedMs = Number.NaN;
  cluster.onView = (node, view) => {
    seen.add(view.id);
    if (view.members.length === nodes) complete.add(node);
    if (complete.size === nodes && Number.isNaN(formedMs)) formedMs = cluster.world.nowMs;
  };
  cluster.start();
  cluster.world.run({ untilMs: seconds * 1000, isDone: () => !Number.isNaN(formedMs) });
  return { formedMs, distinctViews: seen.size, members: cluster.members[0]!.view!.members.length };
}
