/** The only head of a simulated cluster, started again whenever it ends. */
import type { SchedulerEvent, SchedulerState } from '../../protocol/scheduler/index.js';
import type { CrashTear, SimDisk } from '../sim-disk.js';
import { HeadNode, type HeadOptions } from './head-node.js';
import type { HeadSet } from './head-set.js';

export const RESTART_MS = 400;
export const NOBODY = { receive: () => {}, wake: () => {} };

export class SingleHead implements HeadSet {
  readonly node: number;
  readonly #options: Omit<HeadOptions, 'life'>;
  #head: HeadNode;
  #lives = 0;

  constructor(options: Omit<HeadOptions, 'life'>) {
    this.#options = options;
    this.node = options.world.addNode(NOBODY);
    this.#head = this.#start();
  }

  get nodes(): readonly number[] {
    return [this.node];
  }

  get disks(): readonly SimDisk[] {
    return [this.#options.disk];
  }

  get state(): SchedulerState {
    return this.#head.state;
  }

  feed(event: SchedulerEvent): void {
    this.#head.feed(event);
  }

  kill(_node: number, tear: CrashTear): void {
    const { world, disk } = this.#options;
    if (!world.isUp(this.node)) return;
    world.crash(this.node);
    disk.crash(tear);
    world.at(world.nowMs + RESTART_MS, () => {
      this.#head = this.#start();
    });
  }

  #start(): HeadNode {
    this.#lives += 1;
    const head = new HeadNode(this.node, { ...this.#options, life: this.#lives });
    this.#options.world.restart(this.node, head);
    head.start();
    return head;
  }
}
