/** The fault matrix: what goes wrong in a simulated cluster, from when until when. Every fault ends; then all must heal. */
import { randomInteger } from '@anant/core/testing';
import type { SchedulerCluster } from './cluster.js';

export interface Fault {
  readonly name: string;
  /** Plans the fault; the world calls back at its moments. Nothing may go wrong after `untilMs`. */
  plan(cluster: SchedulerCluster, untilMs: number): void;
}

/** Calls `action` at `count` random moments before `untilMs`. */
function atRandom(cluster: SchedulerCluster, untilMs: number, count: number, action: () => void): void {
  for (let time = 0; time < count; time += 1) cluster.world.at(cluster.random() * untilMs, action);
}

const someWorker = (cluster: SchedulerCluster): number =>
  cluster.workers[randomInteger(cluster.random, cluster.workers.length)]!;

function lossy(name: string, loss: number, duplicate: number, jitterMs: number): Fault {
  return {
    name,
    plan(cluster, untilMs) {
      const { network } = cluster.world;
      const everywhere = (link: object) => {
        for (const node of [...cluster.workers, ...cluster.drivers]) {
          network.setLink(node, cluster.head, link);
          network.setLink(cluster.head, node, link);
        }
      };
      everywhere({ loss, duplicate, delay: { type: 'uniform', msMin: 0.2, msMax: 0.8 + jitterMs } });
      cluster.world.at(untilMs, () => everywhere({ loss: 0, duplicate: 0 }));
    },
  };
}

export const FAULTS: readonly Fault[] = [
  { name: 'none', plan: () => {} },
  {
    name: 'worker killed',
    plan(cluster, untilMs) {
      atRandom(cluster, untilMs, 6, () => cluster.killWorker(someWorker(cluster)));
    },
  },
  {
    name: 'host lost for good',
    plan(cluster, untilMs) {
      const lost = someWorker(cluster);
      // First silent, as when a cable is pulled: nothing tells the head but that it hears nothing.
      atRandom(cluster, untilMs, 1, () => {
        cluster.world.network.partition([[lost]]);
        cluster.loseHost(lost);
      });
    },
  },
  {
    name: 'worker paused',
    plan(cluster, untilMs) {
      // Short of the lease, around it, and far beyond it: the last makes a zombie.
      for (const durationMs of [500, 2500, 4000, 8000])
        atRandom(cluster, untilMs - durationMs, 1, () =>
          cluster.world.pause(someWorker(cluster), durationMs),
        );
    },
  },
  {
    name: 'head killed',
    plan(cluster, untilMs) {
      atRandom(cluster, untilMs, 4, () => cluster.killHead('tail'));
    },
  },
  {
    name: 'power loss',
    plan(cluster, untilMs) {
      atRandom(cluster, untilMs, 4, () => cluster.killHead('sectors'));
      atRandom(cluster, untilMs, 2, () => cluster.killWorker(someWorker(cluster)));
    },
  },
  {
    name: 'head paused',
    plan(cluster, untilMs) {
      for (const durationMs of [300, 2000, 6000])
        atRandom(cluster, untilMs - durationMs, 1, () => cluster.world.pause(cluster.head, durationMs));
    },
  },
  lossy('loss 10 %', 0.1, 0, 0),
  lossy('loss 30 %', 0.3, 0, 0),
  lossy('duplicates and reordering', 0.02, 0.2, 40),
  {
    name: 'partition',
    plan(cluster, untilMs) {
      const cut = () => {
        const away = cluster.workers.filter(() => cluster.random() < 0.5);
        cluster.world.network.partition([away]);
      };
      atRandom(cluster, untilMs * 0.7, 2, cut);
      cluster.world.at(untilMs, () => cluster.world.network.heal());
    },
  },
  {
    name: 'one-way partition',
    plan(cluster, untilMs) {
      const { network } = cluster.world;
      atRandom(cluster, untilMs * 0.7, 2, () => {
        const worker = someWorker(cluster);
        if (cluster.random() < 0.5) network.cutOneWay([worker], [cluster.head]);
        else network.cutOneWay([cluster.head], [worker]);
      });
      cluster.world.at(untilMs, () => network.heal());
    },
  },
  {
    name: 'driver cut off',
    plan(cluster, untilMs) {
      const { network } = cluster.world;
      atRandom(cluster, untilMs * 0.6, 2, () => network.partition([[cluster.drivers[0]!]]));
      cluster.world.at(untilMs * 0.8, () => network.heal());
      atRandom(cluster, untilMs, 1, () => cluster.killHead('tail'));
    },
  },
  {
    name: 'clock jumps and drift',
    plan(cluster, untilMs) {
      for (const node of [cluster.head, ...cluster.workers])
        cluster.world.setClock(node, {
          skewMs: (cluster.random() - 0.5) * 7_200_000,
          driftPpm: (cluster.random() - 0.5) * 100_000,
        });
      const jump = (node: number) => () => {
        const aheadMs = cluster.random() * 5000;
        cluster.world.setClock(node, { skewMs: cluster.world.localMs(node) - cluster.world.nowMs + aheadMs });
      };
      atRandom(cluster, untilMs, 2, () => jump(someWorker(cluster))());
      atRandom(cluster, untilMs, 2, jump(cluster.head));
    },
  },
  {
    name: 'slow node',
    plan(cluster, untilMs) {
      const slow = someWorker(cluster);
      cluster.world.setStepMs(slow, 40);
      cluster.world.at(untilMs, () => cluster.world.setStepMs(slow, 0));
      atRandom(cluster, untilMs, 2, () => cluster.killWorker(slow));
    },
  },
  {
    name: 'poison task',
    plan(cluster, untilMs) {
      atRandom(cluster, untilMs * 0.5, 2, () => cluster.submitPoison());
    },
  },
  {
    name: 'disk full',
    plan(cluster, untilMs) {
      atRandom(cluster, untilMs * 0.6, 1, () => cluster.fillDisk());
      cluster.world.at(untilMs * 0.9, () => cluster.freeDisk());
      atRandom(cluster, untilMs, 1, () => cluster.killHead('tail'));
    },
  },
  {
    name: 'failing syncs',
    plan(cluster, untilMs) {
      atRandom(cluster, untilMs, 3, () => cluster.failSyncs());
      atRandom(cluster, untilMs, 2, () => cluster.killHead('sectors'));
    },
  },
  {
    name: 'drain and rolling restart',
    plan(cluster, untilMs) {
      cluster.workers.forEach((worker, index) => {
        const startMs = (untilMs / (cluster.workers.length + 1)) * index;
        cluster.world.at(startMs, () => cluster.drain(worker));
        cluster.world.at(startMs + 1500, () => cluster.restartWorker(worker));
      });
    },
  },
  {
    name: 'everything',
    plan(cluster, untilMs) {
      for (const name of [
        'worker killed',
        'worker paused',
        'head killed',
        'partition',
        'poison task',
        'failing syncs',
      ])
        FAULTS.find((fault) => fault.name === name)!.plan(cluster, untilMs);
      lossy('', 0.05, 0.05, 10).plan(cluster, untilMs);
    },
  },
];
