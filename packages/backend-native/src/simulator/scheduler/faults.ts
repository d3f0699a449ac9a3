/** The fault matrix: what goes wrong in a simulated cluster, from when until when. Every fault ends; then all must heal. */
import type { Random } from '@anant/core';
import { randomInteger } from '@anant/core/testing';
import type { SchedulerCluster } from './cluster.js';
import { HEAD_FAULTS } from './heads/head-faults.js';
import type { Schedule } from './schedule.js';

export interface Fault {
  readonly name: string;
  /** Heads of the cluster. @default 1 */
  readonly heads?: number;
  /** Plans the fault. Nothing may go wrong after `untilMs`. */
  plan(cluster: SchedulerCluster, schedule: Schedule, untilMs: number): void;
}

const seconds = (durationMs: number): string => `${durationMs / 1000} s`;

export const someWorker = (cluster: SchedulerCluster, random: Random): number =>
  cluster.workers[randomInteger(random, cluster.workers.length)]!;

const killSomeWorker = (cluster: SchedulerCluster) => (random: Random) => {
  const worker = someWorker(cluster, random);
  cluster.killWorker(worker);
  return `worker ${worker} is killed`;
};

export const killHead = (cluster: SchedulerCluster, tear: 'tail' | 'sectors') => () => {
  const { node } = cluster.heads;
  cluster.killHead(node, tear);
  return tear === 'tail' ? `head ${node} is killed` : `the machine of head ${node} loses power`;
};

function lossy(name: string, loss: number, duplicate: number, jitterMs: number): Fault {
  return {
    name,
    plan(cluster, schedule) {
      schedule.fault(0, () => {
        const delay = { type: 'uniform' as const, msMin: 0.2, msMax: 0.8 + jitterMs };
        cluster.setLinks({ loss, duplicate, delay });
        return `every link loses ${loss * 100} %, repeats ${duplicate * 100} % and delays by up to ${jitterMs} ms`;
      });
    },
  };
}

export const SINGLE_FAULTS: readonly Fault[] = [
  { name: 'none', plan: () => {} },
  {
    name: 'worker killed',
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs, 6, killSomeWorker(cluster));
    },
  },
  {
    name: 'host lost for good',
    plan(cluster, schedule, untilMs) {
      // First silent, as when a cable is pulled: nothing tells the head but that it hears nothing.
      schedule.atRandom(untilMs, 1, (random) => {
        const lost = someWorker(cluster, random);
        cluster.world.network.partition([[lost]]);
        cluster.loseHost(lost);
        return `the machine of worker ${lost} is gone`;
      });
    },
  },
  {
    name: 'worker paused',
    plan(cluster, schedule, untilMs) {
      // Short of the lease, around it, and far beyond it: the last makes a zombie.
      for (const durationMs of [500, 2500, 4000, 8000])
        schedule.atRandom(untilMs - durationMs, 1, (random) => {
          const worker = someWorker(cluster, random);
          cluster.world.pause(worker, durationMs);
          return `worker ${worker} stops for ${seconds(durationMs)}`;
        });
    },
  },
  {
    name: 'head killed',
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs, 4, killHead(cluster, 'tail'));
    },
  },
  {
    name: 'power loss',
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs, 4, killHead(cluster, 'sectors'));
      schedule.atRandom(untilMs, 2, killSomeWorker(cluster));
    },
  },
  {
    name: 'head paused',
    plan(cluster, schedule, untilMs) {
      for (const durationMs of [300, 2000, 6000])
        schedule.atRandom(untilMs - durationMs, 1, () => {
          const { node } = cluster.heads;
          cluster.world.pause(node, durationMs);
          return `head ${node} stops for ${seconds(durationMs)}`;
        });
    },
  },
  lossy('loss 10 %', 0.1, 0, 0),
  lossy('loss 30 %', 0.3, 0, 0),
  lossy('duplicates and reordering', 0.02, 0.2, 40),
  {
    name: 'partition',
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs * 0.7, 2, (random) => {
        const away = cluster.workers.filter(() => random() < 0.5);
        cluster.world.network.partition([away]);
        return `workers ${away.join(' ')} are apart from all others`;
      });
    },
  },
  {
    name: 'one-way partition',
    plan(cluster, schedule, untilMs) {
      const { network } = cluster.world;
      schedule.atRandom(untilMs * 0.7, 2, (random) => {
        const worker = someWorker(cluster, random);
        const isFrom = random() < 0.5;
        if (isFrom) network.cutOneWay([worker], cluster.heads.nodes);
        else network.cutOneWay(cluster.heads.nodes, [worker]);
        return `nothing passes ${isFrom ? 'from' : 'to'} worker ${worker}`;
      });
    },
  },
  {
    name: 'driver cut off',
    plan(cluster, schedule, untilMs) {
      const { network } = cluster.world;
      schedule.atRandom(untilMs * 0.6, 2, () => {
        network.partition([[cluster.drivers[0]!]]);
        return `driver ${cluster.drivers[0]} is cut off`;
      });
      schedule.fault(untilMs * 0.8, () => {
        network.heal();
        return 'the network heals';
      });
      schedule.atRandom(untilMs, 1, killHead(cluster, 'tail'));
    },
  },
  {
    name: 'clock jumps and drift',
    plan(cluster, schedule, untilMs) {
      const { world } = cluster;
      schedule.fault(0, (random) => {
        for (const node of [...cluster.heads.nodes, ...cluster.workers])
          world.setClock(node, {
            skewMs: (random() - 0.5) * 7_200_000,
            driftPpm: (random() - 0.5) * 100_000,
          });
        return 'all clocks are up to an hour apart and drift by up to 5 %';
      });
      const jump = (node: number, random: Random) => {
        const aheadMs = random() * 5000;
        world.setClock(node, { skewMs: world.localMs(node) - world.nowMs + aheadMs });
        return `the clock of node ${node} jumps ahead by ${Math.round(aheadMs)} ms`;
      };
      schedule.atRandom(untilMs, 2, (random) => jump(someWorker(cluster, random), random));
      schedule.atRandom(untilMs, 2, (random) => jump(cluster.heads.node, random));
    },
  },
  {
    name: 'slow node',
    plan(cluster, schedule, untilMs) {
      const slow = someWorker(cluster, schedule.random);
      schedule.fault(0, () => {
        cluster.world.setStepMs(slow, 40);
        return `worker ${slow} takes 40 ms for everything it does`;
      });
      schedule.atRandom(untilMs, 2, () => {
        cluster.killWorker(slow);
        return `worker ${slow} is killed`;
      });
    },
  },
  {
    name: 'poison task',
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs * 0.5, 2, (random) => cluster.submitPoison(random));
    },
  },
  {
    name: 'disk full',
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs * 0.6, 1, () => cluster.fillDisk());
      schedule.fault(untilMs * 0.9, () => cluster.freeDisk());
      schedule.atRandom(untilMs, 1, killHead(cluster, 'tail'));
    },
  },
  {
    name: 'failing syncs',
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs, 3, (random) => cluster.failSyncs(random));
      schedule.atRandom(untilMs, 2, killHead(cluster, 'sectors'));
    },
  },
  {
    name: 'drain and rolling restart',
    plan(cluster, schedule, untilMs) {
      cluster.workers.forEach((worker, index) => {
        const startMs = (untilMs / (cluster.workers.length + 1)) * index;
        schedule.fault(startMs, () => {
          cluster.drain(worker);
          return `worker ${worker} is drained`;
        });
        schedule.fault(startMs + 1500, () => {
          cluster.restartWorker(worker);
          return `worker ${worker} is restarted`;
        });
      });
    },
  },
  {
    name: 'everything',
    plan(cluster, schedule, untilMs) {
      for (const name of [
        'worker killed',
        'worker paused',
        'head killed',
        'partition',
        'poison task',
        'failing syncs',
      ])
        SINGLE_FAULTS.find((fault) => fault.name === name)!.plan(cluster, schedule, untilMs);
      lossy('', 0.05, 0.05, 10).plan(cluster, schedule, untilMs);
    },
  },
];

export const FAULTS: readonly Fault[] = [...SINGLE_FAULTS, ...HEAD_FAULTS];
