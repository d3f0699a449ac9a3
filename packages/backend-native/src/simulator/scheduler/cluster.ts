/** A simulated cluster: one head on a simulated disk, workers, drivers, a workload, and an oracle that sees it all. */
import type { Random } from '@anant/core';
import { randomInteger, seededRandom } from '@anant/core/testing';
import type { SchedulerSettings, TaskSpec, WorkerSpec } from '../../protocol/scheduler/index.js';
import { type CrashTear, SimDisk } from '../sim-disk.js';
import { SimWorld } from '../sim-world.js';
import { DriverNode } from './driver-node.js';
import { HeadNode } from './head-node.js';
import { type Behaviour, encodeBehaviour } from './messages.js';
import type { Mutation } from './mutation.js';
import { Oracle } from './oracle.js';
import { WorkerNode } from './worker-node.js';

export interface ClusterOptions {
  readonly seed: number;
  readonly workers: number;
  readonly drivers: number;
  readonly settings: SchedulerSettings;
  readonly mutation: Mutation | undefined;
}

const RESTART_MS = 400;
const NOBODY = { receive: () => {}, wake: () => {} };

export class SchedulerCluster {
  readonly world: SimWorld;
  readonly random: Random;
  readonly oracle: Oracle;
  readonly head: number;
  readonly workers: readonly number[];
  readonly drivers: readonly number[];
  readonly driverNodes: readonly DriverNode[];
  headNode: HeadNode;
  submitted = 0;
  readonly #options: ClusterOptions;
  readonly #disk: SimDisk;
  readonly #boots = new Map<number, number>();
  #lives = 0;
  #isFaulty = true;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.world = new SimWorld({ seed: options.seed });
    this.random = seededRandom(options.seed + 77);
    this.oracle = new Oracle(() => this.world.nowMs);
    this.#disk = new SimDisk({ random: seededRandom(options.seed + 99) });
    this.head = this.world.addNode(NOBODY);
    this.workers = Array.from({ length: options.workers }, () => this.world.addNode(NOBODY));
    this.drivers = Array.from({ length: options.drivers }, () => this.world.addNode(NOBODY));
    this.headNode = this.#startHead();
    for (const worker of this.workers) this.#startWorker(worker);
    this.driverNodes = this.drivers.map((node) => this.#startDriver(node));
  }

  /** From now on nothing may fail any more. */
  heal(): void {
    this.#isFaulty = false;
    this.world.network.heal();
    this.freeDisk();
    for (const worker of this.workers)
      this.headNode.feed({ type: 'worker-drain', worker: `w${worker}`, action: 'resume' });
  }

  #startHead(): HeadNode {
    const { settings, mutation } = this.#options;
    this.#lives += 1;
    const options = {
      life: this.#lives,
      world: this.world,
      disk: this.#disk,
      oracle: this.oracle,
      settings,
      mutation,
    };
    const head = new HeadNode(this.head, { ...options, syncMs: () => 0.5 + this.random() * 5 });
    this.world.restart(this.head, head);
    head.start();
    return head;
  }

  #startWorker(node: number): void {
    const boot = (this.#boots.get(node) ?? 0) + 1;
    if (boot === Number.POSITIVE_INFINITY) return;
    this.#boots.set(node, boot);
    const { world, oracle, head } = this;
    const spec = workerSpec(node, boot);
    const worker = new WorkerNode(node, boot, {
      world,
      oracle,
      head,
      spec,
      onDeath: () => this.killWorker(node),
    });
    world.restart(node, worker);
    worker.start();
  }

  #startDriver(node: number): DriverNode {
    const { world, oracle, head } = this;
    const driver = new DriverNode(node, { world, oracle, head, session: `d${node}` });
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
    this.headNode.feed({ type: 'worker-drain', worker: `w${node}`, action: 'resume' });
    this.killWorker(node);
  }

  drain(node: number): void {
    this.headNode.feed({ type: 'worker-drain', worker: `w${node}`, action: 'drain' });
  }

  /** The head's process ends; what its disk had not synced survives as `tear` says. */
  killHead(tear: CrashTear): void {
    if (!this.#isFaulty || !this.world.isUp(this.head)) return;
    this.world.crash(this.head);
    this.#disk.crash(tear);
    this.world.at(this.world.nowMs + RESTART_MS, () => {
      this.headNode = this.#startHead();
    });
  }

  fillDisk(): void {
    const used = this.#disk.list().reduce((sum, name) => sum + this.#disk.sizeBytes(name), 0);
    this.#disk.setCapacity(used + 200);
  }

  freeDisk(): void {
    this.#disk.setCapacity(Number.POSITIVE_INFINITY);
  }

  failSyncs(): void {
    this.#disk.failSyncs(1 + randomInteger(this.random, 2));
  }

  submitPoison(): void {
    this.#submit(0, [this.#task({ durationMs: 5, does: 'kill-worker' })]);
  }

  /** A batch of tasks of every kind for a random driver. */
  submitSome(count: number): void {
    const specs = Array.from({ length: count }, () =>
      this.#task({
        durationMs: this.random() < 0.9 ? this.random() * 30 : 500 + this.random() * 2500,
        does: this.random() < 0.95 ? 'return' : 'throw',
      }),
    );
    this.#submit(randomInteger(this.random, this.drivers.length), specs);
  }

  cancelSome(): void {
    const driver = this.driverNodes[randomInteger(this.random, this.driverNodes.length)]!;
    const id = `t${1 + randomInteger(this.random, Math.max(1, this.submitted))}`;
    const how = (['forget', 'ask', 'kill'] as const)[randomInteger(this.random, 3)]!;
    driver.cancel(id, how);
  }

  #submit(driver: number, specs: readonly TaskSpec[]): void {
    this.driverNodes[driver]!.submit(specs);
  }

  #task(behaviour: Behaviour): TaskSpec {
    this.submitted += 1;
    const { random } = this;
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
