/** The more urgent first, equals in the order they came. */
import { LinkedQueue, type QueueNode } from './linked-queue.js';

/** Priorities are integers from -1000 to 1000, which bounds the levels of a queue. */
export const PRIORITY_MAX = 1000;

export interface PriorityNode<Node> extends QueueNode<Node> {
  /** Higher is more urgent. Must not change while the node is queued. */
  readonly priority: number;
}

export class PriorityQueue<Node extends PriorityNode<Node>> {
  readonly #levels = new Map<number, LinkedQueue<Node>>();
  /** Priorities that have a level, the most urgent last. */
  readonly #order: number[] = [];
  #top: LinkedQueue<Node> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The node that `shift` would give. */
  get first(): Node | undefined {
    return this.#top?.first;
  }

  push(node: Node): void {
    const level = this.#levels.get(node.priority) ?? this.#open(node.priority);
    level.push(node);
    this.#size += 1;
  }

  /** Puts a node back in front of those of its priority. */
  unshift(node: Node): void {
    const level = this.#levels.get(node.priority) ?? this.#open(node.priority);
    level.unshift(node);
    this.#size += 1;
  }

  shift(): Node | undefined {
    const level = this.#top;
    const node = level?.shift();
    if (level === undefined || node === undefined) return undefined;
    this.#size -= 1;
    if (level.size === 0) this.#close(node.priority);
    return node;
  }

  /** Takes a node out from anywhere. @returns `false` when it is not in this queue. */
  delete(node: Node): boolean {
    const level = this.#levels.get(node.priority);
    if (level === undefined || !level.delete(node)) return false;
    this.#size -= 1;
    if (level.size === 0) this.#close(node.priority);
    return true;
  }

  #open(priority: number): LinkedQueue<Node> {
    if (this.#top?.size === 0) this.#remove(this.#order[0]!);
    const level = new LinkedQueue<Node>();
    this.#levels.set(priority, level);
    this.#order.splice(this.#place(priority), 0, priority);
    this.#top = this.#levels.get(this.#order.at(-1)!);
    return level;
  }

  /** The last level stays, empty: most queues only ever have one. */
  #close(priority: number): void {
    if (this.#order.length > 1) this.#remove(priority);
  }

  #remove(priority: number): void {
    this.#levels.delete(priority);
    this.#order.splice(this.#place(priority), 1);
    this.#top = this.#order.length === 0 ? undefined : this.#levels.get(this.#order.at(-1)!);
  }

  /** Where `priority` is in the rising order, or belongs. */
  #place(priority: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order[middle]! < priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
