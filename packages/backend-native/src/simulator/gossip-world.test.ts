import { describe, expect, it } from 'vitest';
import { GossipWorld } from './gossip-world.js';

describe('GossipWorld', () => {
  it('forms one view, removes a crashed node in one step and takes it back', () => {
    const cluster = new GossipWorld({ nodes: 10, seed: 1, start: 'joining' });
    const epochs = new Set<number>();
    cluster.onView = (_, view) => epochs.add(view.epoch);
    cluster.start();
    cluster.run(10_000);
    expect([...cluster.views().values()]).toEqual([10]);
    expect(cluster.members[3]!.view!.members).toHaveLength(10);
    cluster.world.crash(4);
    cluster.run(15_000);
    expect([...cluster.views().values()]).toEqual([9]);
    expect(cluster.members[3]!.view!.members).toHaveLength(9);
    cluster.restart(4);
    cluster.run(10_000);
    expect([...cluster.views().values()]).toEqual([10]);
    expect(epochs.size).toBeLessThanOrEqual(4);
  });

  it('is the same run for the same seed', () => {
    const hashOf = () => {
      const cluster = new GossipWorld({ nodes: 20, seed: 5, start: 'joining', link: { loss: 0.05 } });
      cluster.start();
      cluster.run(20_000);
      return cluster.world.traceHash();
    };
    expect(hashOf()).toBe(hashOf());
  });
});
