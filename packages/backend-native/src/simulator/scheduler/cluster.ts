/** A simulated cluster: one head or several on simulated disks, workers, drivers, a workload, and an oracle that sees it all. */
import type { Random } from '@anant/core';
import { randomInteger, seededRandom } from '@anant/core/testing';
import type { SchedulerSettings, TaskSpec, WorkerSpec } from '../../protocol/scheduler/index.js';
import { type CrashTear, SimDisk } from '../sim-disk.js';
import type { LinkOptions } from '../sim-network.js';
import { SimWorld } from '../sim-world.js';
import { DriverNode } from './driver-node.js';
import type { HeadSet } from './head-set.js';
import { PeerHeads } from './heads/index.js';
import { type Behaviour, encodeBehaviour } from './messages.js';
import type { Mutation } from './mutation.js';
import { Oracle } from './oracle.js';
import { NOBODY, RESTART_MS, SingleHead } from './single-head.js';
import { WorkerNode } from './worker-node.js';

export interface ClusterOptions {
  readonly seed: number;
  readonly workers: number;
  readonly drivers: number;
  /** With more than one there is a Redis, too. @default 1 */
  readonly heads?: number;
  readonly settings: SchedulerSettings;
  readonly mutation: Mutation | undefined;
}

export class SchedulerCluster {
  readonly world: SimWorld;
  readonly oracle: Oracle;
  readonly heads: HeadSet;
  /** Where there are several. */
  readonly peers: PeerHeads | undefined;
  readonly workers: readonly number[];
  readonly drivers: readonly number[];
  readonly driverNodes: readonly DriverNode[];
  submitted = 0;
  readonly #boots = new Map<number, number>();
  #isFaulty = true;

  constructor(options: ClusterOptions) {
    this.world = new SimWorld({ seed: options.seed });
    this.oracle = new Oracle(() => this.world.nowMs);
    const { world, oracle } = this;
    const { seed, heads = 1, settings, mutation } = options;
    const random = seededRandom(seed + 55);
    const common = { world, oracle, settings, mutation };
    this.peers = heads > 1 ? new PeerHeads({ ...common, heads, seed, random }) : undefined;
    const disk = new SimDisk({ random: seededRandom(seed + 99) });
    this.heads = this.peers ?? new SingleHead({ ...common, disk, syncMs: () => 0.5 + random() * 5 });
    this.workers = Array.from({ length: options.workers }, () => world.addNode(NOBODY));
    this.drivers = Array.from({ length: options.drivers }, () => world.addNode(NOBODY));
    for (const worker of this.workers) this.#startWorker(worker);
    this.driverNodes = this.drivers.map((node) => this.#startDriver(node));
  }

  /** From now on nothing may fail any more. */
  heal(): void {
    this.#isFaulty = false;
    this.world.network.heal();
    this.setLinks({ loss: 0, duplicate: 0 });
    for (const node of [...this.heads.nodes, ...this.workers]) this.world.setStepMs(node, 0);
    this.freeDisk();
    for (const worker of this.workers)
      this.heads.feed({ type: 'worker-drain', worker: `w${worker}`, action: 'resume' });
  }

  /** Every link of a head. */
  setLinks(link: LinkOptions): void {
    const { network } = this.world;
    const { nodes } = this.heads;
    const redis = this.peers === undefined ? [] : [this.peers.redisNode];
    for (const head of nodes)
      for (const other of [...nodes, ...redis, ...this.workers, ...this.drivers]) {
        network.setLink(head, other, link);
        network.setLink(other, head, link);
      }
  }

  #startWorker(node: number): void {
    const boot = (this.#boots.get(node) ?? 0) + 1;
    if (boot === Number.POSITIVE_INFINITY) return;
    this.#boots.set(node, boot);
    const { world, oracle } = this;
    const heads = this.heads.nodes;
    const spec = workerSpec(node, boot);
    const worker = new WorkerNode(node, boot, {
      world,
      oracle,
      heads,
      spec,
      onDeath: () => this.killWorker(node),
    });
    world.restart(node, worker);
    worker.start();
  }

  #startDriver(node: number): DriverNode {
    const { world, oracle } = this;
    const heads = this.heads.nodes;
    const driver = new DriverNode(node, { world, oracle, heads, session: `d${node}` });
    world.restart(node, driver);
    driver.start();
    return driver;
  }

  /** Kills the process; its supervisor starts another. */
  killWorker(node: number): void {
    if (!this.world.isUp(node)) return;
    this.world.crash(node);
    this.world.at(this.world.nowMs + RESTART_MS, () => this.#startWorker(node));
  }

  /** The machine is gone: its worker dies and nobody starts another. */
  loseHost(node: number): void {
    this.#boots.set(node, Number.POSITIVE_INFINITY);
    this.world.crash(node);
  }

  /** An orderly restart: the worker says goodbye when it is drained, or after its time is up. */
  restartWorker(node: number): void {
    if (!this.world.isUp(node)) return;
    this.heads.feed({ type: 'worker-drain', worker: `w${node}`, action: 'resume' });
    this.killWorker(node);
  }

  drain(node: number): void {
    this.heads.feed({ type: 'worker-drain', worker: `w${node}`, action: 'drain' });
  }

  /** A head's process ends; what its disk had not synced survives as `tear` says. */
  killHead(node: number, tear: CrashTear): void {
    if (this.#isFaulty) this.heads.kill(node, tear);
  }

  fillDisk(): string {
    const disk = this.#disk;
    const used = disk.list().reduce((sum, name) => sum + disk.sizeBytes(name), 0);
    disk.setCapacity(used + 200);
    return `the disk of head ${this.heads.node} is full`;
  }

  freeDisk(): string {
    for (const disk of this.heads.disks) disk.setCapacity(Number.POSITIVE_INFINITY);
    return 'every disk has room';
  }

  failSyncs(random: Random): string {
    const count = 1 + randomInteger(random, 2);
    this.#disk.failSyncs(count);
    return `${count} syncs of head ${this.heads.node} fail`;
  }

  get #disk(): SimDisk {
    return this.heads.disks[this.heads.nodes.indexOf(this.heads.node)]!;
  }

  submitPoison(random: Random): string {
    const task = this.#task(random, { durationMs: 5, does: 'kill-worker' });
    this.#submit(0, [task]);
    return `driver ${this.drivers[0]} submits ${task.id}, which kills its worker`;
  }

  /** A batch of tasks of every kind for a random driver. */
  submitSome(random: Random, count: number): string {
    const specs = Array.from({ length: count }, () =>
      this.#task(random, {
        durationMs: random() < 0.9 ? random() * 30 : 500 + random() * 2500,
        does: random() < 0.95 ? 'return' : 'throw',
      }),
    );
    const driver = randomInteger(random, this.drivers.length);
    this.#submit(driver, specs);
    return `driver ${this.drivers[driver]} submits ${specs.map(({ id }) => id).join(' ')}`;
  }

  cancelSome(random: Random): string {
    const at = randomInteger(random, this.driverNodes.length);
    const id = `t${1 + randomInteger(random, Math.max(1, this.submitted))}`;
    const how = (['forget', 'ask', 'kill'] as const)[randomInteger(random, 3)]!;
    this.driverNodes[at]!.cancel(id, how);
    return `driver ${this.drivers[at]} cancels ${id} (${how})`;
  }

  #submit(driver: number, specs: readonly TaskSpec[]): void {
    this.driverNodes[driver]!.submit(specs);
  }

  #task(random: Random, behaviour: Behaviour): TaskSpec {
    this.submitted += 1;
    const isOnce = behaviour.does === 'return' && random() < 0.2;
    const id = `${isOnce ? 'once' : 't'}${this.submitted}`;
    return {
      id,
      attempt: 1,
      digest: id,
      definition:
        behaviour.does === 'kill-worker' ? 'poison' : `kind-${Math.round(behaviour.durationMs / 1000)}`,
      priority: randomInteger(random, 3),
      tenant: random() < 0.5 ? 'a' : 'b',
      delivery: isOnce ? 'at-most-once' : 'at-least-once',
      ...(random() < 0.3 && { resources: { cpu: 1 + randomInteger(random, 3) } }),
      ...(random() < 0.1 && { placement: { group: { name: 'g', rule: 'spread' as const } } }),
      payload: encodeBehaviour(behaviour),
    };
  }
}

function workerSpec(node: number, boot: number): WorkerSpec {
  return {
    id: `w${node}`,
    bootId: `boot-${boot}`,
    slots: 2,
    resources: { cpu: 4, memoryBytes: 1000, gpu: 0, custom: {} },
    labels: {},
    host: `host-${node}`,
    zone: '',
    dataAddress: '',
    holds: [],
  };
}
