import { describe, expect, it } from 'vitest';
import type { MemberMessage } from '../protocol/view/index.js';
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

  it('stops comparing knowledge with a newcomer that lacks only the dead', () => {
    const cluster = new GossipWorld({ nodes: 20, seed: 3, start: 'formed' });
    cluster.start();
    cluster.run(2000);
    for (const node of [4, 9, 13]) cluster.world.crash(node);
    cluster.run(20_000);
    cluster.join();
    cluster.run(10_000);
    expect([...cluster.views().values()]).toEqual([18]);
    const send = cluster.world.send.bind(cluster.world);
    let offers = 0;
    cluster.world.send = (from, to, message, bytes) => {
      if ((message as MemberMessage).type === 'offer') offers += 1;
      send(from, to, message, bytes);
    };
    cluster.run(60_000);
    // One each 30 s from each of 18.
    expect(offers).toBeLessThanOrEqual(40);
  });

  it.each([167, 232, 256, 338, 1351, 2242])(
    'takes everyone back after three partitions with restarts: seed %i',
    (seed) => {
      const nodes = 5 + (seed % 8);
      const link = { loss: (seed % 3) * 0.03, duplicate: 0.01 };
      const tuning = { leewayPart: seed % 2 ? 0.1 : 0 };
      const cluster = new GossipWorld({ nodes, seed, start: 'formed', tuning, link });
      const { world } = cluster;
      const random = () => world.random();
      cluster.start();
      cluster.run(3000);
      for (let round = 0; round < 3; round += 1) {
        const sides: [number[], number[]] = [[], []];
        for (let node = 0; node < nodes; node += 1) sides[random() < 0.4 ? 0 : 1].push(node);
        world.network.partition(sides);
        cluster.run(5000 + random() * 20_000);
        const victim = Math.floor(random() * nodes);
        if (random() < 0.5) {
          world.crash(victim);
          cluster.run(random() * 8000);
          cluster.restart(victim, [(victim + 1) % nodes, (victim + 2) % nodes]);
        }
        world.network.heal();
        cluster.run(10_000 + random() * 10_000);
      }
      cluster.run(1_380_000);
      expect(cluster.members.map(({ view, isMember }) => [view?.members.length, isMember])).toEqual(
        cluster.members.map(() => [nodes, true]),
      );
    },
  );

  it('does not count up for minutes when those who led in vain for minutes are gone', () => {
    const cluster = new GossipWorld({ nodes: 9, seed: 7, start: 'formed' });
    cluster.start();
    cluster.run(3000);
    const { ranks } = cluster.members[0]!.view!;
    const send = cluster.world.send.bind(cluster.world);
    let isDeaf = true;
    cluster.world.send = (from, to, message, bytes) => {
      const { type } = message as MemberMessage;
      if (!isDeaf || (type !== 'view-promise' && type !== 'view-vote')) send(from, to, message, bytes);
    };
    cluster.world.crash(ranks[8]!.index);
    cluster.run(300_000);
    for (const { index } of ranks.slice(0, 3)) cluster.world.crash(index);
    cluster.run(20_000);
    isDeaf = false;
    cluster.run(30_000);
    const left = ranks.slice(3, 8).map(({ index }) => cluster.members[index]!);
    expect(left.map(({ view }) => view!.members.length)).toEqual([5, 5, 5, 5, 5]);
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
