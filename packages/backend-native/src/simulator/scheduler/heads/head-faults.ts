/** What goes wrong with several heads, their Redis and the links between them. */
import type { Random } from '@anant/core';
import { randomInteger } from '@anant/core/testing';
import type { SchedulerCluster } from '../cluster.js';
import type { Fault } from '../faults.js';
import type { Action, Schedule } from '../schedule.js';
import type { PeerHeads } from './peer-heads.js';

const HEADS = 3;

/** Only rows with several heads plan these. */
export const peersOf = ({ peers }: SchedulerCluster): PeerHeads => {
  if (peers === undefined) throw new TypeError('This fault needs several heads.');
  return peers;
};

const kill =
  (cluster: SchedulerCluster): Action =>
  () => {
    const { node } = cluster.heads;
    cluster.killHead(node, 'tail');
    return `head ${node}, which led last, is killed`;
  };

const stop =
  (cluster: SchedulerCluster, durationMs: number, who: 'leader' | 'standby'): Action =>
  () => {
    const peers = peersOf(cluster);
    const node = who === 'leader' ? peers.node : peers.standbyNode;
    cluster.world.pause(node, durationMs);
    return `head ${node} (${who}) stops for ${durationMs / 1000} s`;
  };

/** What Redis forgets, and how. */
const REDIS: readonly ((peers: PeerHeads) => string)[] = [
  (peers) => {
    peers.redis.flushAll();
    return 'Redis is emptied';
  },
  (peers) => {
    peers.redis.restartEmpty();
    return 'Redis restarts empty';
  },
  (peers) => {
    peers.redis.failOver();
    return 'Redis fails over and loses what was not copied';
  },
];

function redisLoses(cluster: SchedulerCluster, schedule: Schedule, untilMs: number, times: number): void {
  const peers = peersOf(cluster);
  for (let copyMs = 400; copyMs < untilMs; copyMs += 1_700)
    schedule.fault(copyMs, () => {
      peers.redis.replicate();
      return 'the replica of Redis has everything';
    });
  schedule.atRandom(untilMs, times, (random) => REDIS[randomInteger(random, REDIS.length)]!(peers));
}

const part =
  (cluster: SchedulerCluster): Action =>
  (random: Random) => {
    const peers = peersOf(cluster);
    const away = peers.nodes.filter(() => random() < 0.4);
    // Workers, drivers and Redis are on either side.
    const with_ = [...cluster.workers, ...cluster.drivers, peers.redisNode].filter(() => random() < 0.4);
    cluster.world.network.partition([[...away, ...with_]]);
    return `nodes ${[...away, ...with_].join(' ')} are apart from all others`;
  };

const heal =
  (cluster: SchedulerCluster): Action =>
  () => {
    cluster.world.network.heal();
    return 'the network heals';
  };

export const HEAD_FAULTS: readonly Fault[] = [
  { name: 'heads: none', heads: HEADS, plan: () => {} },
  {
    name: 'heads: leader killed',
    heads: HEADS,
    plan: (cluster, schedule, untilMs) => schedule.atRandom(untilMs, 3, kill(cluster)),
  },
  {
    name: 'heads: leader paused',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      for (const durationMs of [300, 1_400, 4_000])
        schedule.atRandom(untilMs - durationMs, 1, stop(cluster, durationMs, 'leader'));
    },
  },
  {
    name: 'heads: slow standby',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      // Not at once: heads that were never heard cannot be led.
      schedule.fault(1_000, () => {
        const slow = peersOf(cluster).standbyNode;
        cluster.world.setStepMs(slow, 25);
        return `head ${slow} takes 25 ms for everything it does`;
      });
      for (const durationMs of [1_000, 3_500])
        schedule.atRandom(untilMs * 0.6, 1, stop(cluster, durationMs, 'standby'));
      schedule.atRandom(untilMs, 2, kill(cluster));
    },
  },
  {
    name: 'heads: parted',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      for (let time = 0; time < 3; time += 1) {
        const startMs = schedule.random() * untilMs * 0.9;
        schedule.fault(startMs, part(cluster));
        schedule.fault(startMs + schedule.random() * 4_000, heal(cluster));
      }
    },
  },
  {
    name: 'heads: one-way links',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs * 0.8, 3, (random) => {
        const peers = peersOf(cluster);
        const nodes = [...peers.nodes, peers.redisNode];
        const from = nodes[randomInteger(random, nodes.length)]!;
        const to = nodes[randomInteger(random, nodes.length)]!;
        cluster.world.network.cutOneWay([from], [to]);
        return `nothing passes from ${from} to ${to}`;
      });
      schedule.fault(untilMs * 0.5, heal(cluster));
    },
  },
  {
    name: 'heads: Redis loses data',
    heads: HEADS,
    plan: (cluster, schedule, untilMs) => redisLoses(cluster, schedule, untilMs, 3),
  },
  {
    name: 'heads: Redis paused',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      for (const durationMs of [400, 1_600, 4_000])
        schedule.atRandom(untilMs - durationMs, 1, () => {
          cluster.world.pause(peersOf(cluster).redisNode, durationMs);
          return `Redis stops for ${durationMs / 1000} s`;
        });
      schedule.atRandom(untilMs, 1, kill(cluster));
    },
  },
  {
    name: 'heads: Redis and leader',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      redisLoses(cluster, schedule, untilMs, 2);
      schedule.atRandom(untilMs, 2, kill(cluster));
      schedule.atRandom(untilMs - 4_000, 1, stop(cluster, 4_000, 'leader'));
    },
  },
  {
    name: 'heads: disks',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      schedule.atRandom(untilMs * 0.6, 1, () => cluster.fillDisk());
      schedule.fault(untilMs * 0.8, () => cluster.freeDisk());
      schedule.atRandom(untilMs, 3, (random) => cluster.failSyncs(random));
      schedule.atRandom(untilMs, 2, kill(cluster));
    },
  },
  {
    name: 'heads: rolling restart',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      cluster.heads.nodes.forEach((node, at) => {
        schedule.fault((untilMs / HEADS) * (at + 0.5), () => {
          cluster.killHead(node, 'tail');
          return `head ${node} is restarted`;
        });
      });
    },
  },
  {
    name: 'heads: everything',
    heads: HEADS,
    plan(cluster, schedule, untilMs) {
      schedule.fault(0, () => {
        cluster.setLinks({ loss: 0.05, duplicate: 0.05, delay: { type: 'uniform', msMin: 0.2, msMax: 10 } });
        return 'every link loses 5 %, repeats 5 % and delays by up to 10 ms';
      });
      schedule.atRandom(untilMs, 3, kill(cluster));
      schedule.atRandom(untilMs - 4_000, 1, stop(cluster, 4_000, 'leader'));
      schedule.atRandom(untilMs - 2_500, 1, stop(cluster, 2_500, 'standby'));
      const startMs = schedule.random() * untilMs * 0.6;
      schedule.fault(startMs, part(cluster));
      schedule.fault(startMs + 3_000, heal(cluster));
      redisLoses(cluster, schedule, untilMs, 2);
      schedule.atRandom(untilMs, 3, (random) => {
        const worker = cluster.workers[randomInteger(random, cluster.workers.length)]!;
        cluster.killWorker(worker);
        return `worker ${worker} is killed`;
      });
    },
  },
];
