/** Several heads and their Redis, in a simulated cluster. */
import type { Random } from '@anant/core';
import { seededRandom } from '@anant/core/testing';
import type { SchedulerEvent, SchedulerSettings, SchedulerState } from '../../../protocol/scheduler/index.js';
import { type CrashTear, SimDisk } from '../../sim-disk.js';
import type { SimWorld } from '../../sim-world.js';
import type { HeadSet } from '../head-set.js';
import type { Mutation } from '../mutation.js';
import type { Oracle } from '../oracle.js';
import { NOBODY, RESTART_MS } from '../single-head.js';
import { PeerHead } from './peer-head.js';
import { SimRedis } from './redis-model.js';
import type { HeadMachine } from './sim-replica.js';

export interface PeerHeadsOptions {
  readonly world: SimWorld;
  readonly heads: number;
  readonly seed: number;
  readonly oracle: Oracle;
  readonly settings: SchedulerSettings;
  readonly mutation: Mutation | undefined;
  readonly random: Random;
}

/** Of the leader's lease: half of what production takes, so that runs meet more elections. */
const TTL_MS = 1_500;

export class PeerHeads implements HeadSet {
  readonly redis: SimRedis;
  readonly redisNode: number;
  readonly nodes: readonly number[];
  readonly #options: PeerHeadsOptions;
  readonly #machines: HeadMachine[];
  readonly #heads: PeerHead[] = [];
  readonly #starts: number[];
  #lives = 0;
  #connections = 0;
  #lastNode: number;

  constructor(options: PeerHeadsOptions) {
    this.#options = options;
    const { world, heads, seed } = options;
    this.redis = new SimRedis(world);
    this.redisNode = this.redis.start();
    this.nodes = Array.from({ length: heads }, () => world.addNode(NOBODY));
    this.#machines = this.nodes.map((_, at) => ({
      disk: new SimDisk({ random: seededRandom(seed + 99 + at) }),
      log: `${nameOf(at)}/1`,
      epochs: [],
      fenced: 0,
    }));
    this.#starts = this.nodes.map(() => 0);
    this.#lastNode = this.nodes[0]!;
    this.nodes.forEach((_, at) => {
      this.#start(at);
    });
  }

  /** The head that decides; the newest, if an old one does not know yet that it is over. */
  get acting(): PeerHead | undefined {
    const leading = this.#heads.filter(
      ({ epoch }, at) => epoch > 0 && this.#options.world.isUp(this.nodes[at]!),
    );
    const newest = leading.sort((left, right) => right.epoch - left.epoch)[0];
    if (newest !== undefined) this.#lastNode = this.nodes[this.#heads.indexOf(newest)]!;
    return newest;
  }

  get node(): number {
    void this.acting;
    return this.#lastNode;
  }

  get state(): SchedulerState {
    return (this.acting ?? this.#heads[0]!).replica.state;
  }

  get disks(): readonly SimDisk[] {
    return this.#machines.map(({ disk }) => disk);
  }

  /** A head that follows; the first that does. */
  get standbyNode(): number {
    const { node } = this;
    return this.nodes.find((other) => other !== node)!;
  }

  /** What each head is, for people. */
  describe(): readonly string[] {
    const { world } = this.#options;
    const acting = this.acting;
    return this.#heads.map((head, at) => {
      const { epoch, index } = head.replica.position;
      const log = `log ends with entry ${index} of epoch ${epoch}`;
      if (!world.isUp(this.nodes[at]!)) return `${nameOf(at)} is down`;
      if (head === acting) {
        const inSync = head.inSync.map((name) => name.split('/')[0]).join(' ');
        return `${nameOf(at)} leads under epoch ${head.epoch}, in sync: ${inSync}; its ${log}`;
      }
      return `${nameOf(at)} ${head.epoch > 0 ? 'believes that it leads' : 'stands by'}; its ${log}`;
    });
  }

  feed(event: SchedulerEvent): void {
    this.acting?.feed(event);
  }

  kill(node: number, tear: CrashTear): void {
    const { world, oracle } = this.#options;
    const at = this.nodes.indexOf(node);
    if (!world.isUp(node)) return;
    if (this.acting === this.#heads[at]) oracle.log.leaderEnded();
    world.crash(node);
    this.#machines[at]!.disk.crash(tear);
    world.at(world.nowMs + RESTART_MS, () => this.#start(at));
  }

  #start(at: number): void {
    const { world, oracle, settings, mutation, random } = this.#options;
    const node = this.nodes[at]!;
    if (world.isUp(node) && this.#starts[at]! > 0) return;
    this.#starts[at]! += 1;
    const others = this.nodes.filter((other) => other !== node);
    const head = new PeerHead({
      world,
      node,
      name: nameOf(at),
      life: this.#starts[at]!,
      machine: this.#machines[at]!,
      redis: this.redisNode,
      others,
      otherNames: others.map((other) => nameOf(this.nodes.indexOf(other))),
      oracle,
      settings,
      mutation,
      ttlMs: TTL_MS,
      syncMs: () => 0.5 + random() * 5,
      nextLife: () => {
        this.#lives += 1;
        return this.#lives;
      },
      nextConnection: () => {
        this.#connections += 1;
        return this.#connections;
      },
      onBroken: () => this.kill(node, 'tail'),
    });
    this.#heads[at] = head;
    world.restart(node, head);
    head.start();
  }
}

const nameOf = (at: number): string => `head-${at}`;
