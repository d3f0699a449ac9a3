/** Waiting entries by priority, then by arrival. Taking and adding cost the same however many wait. */

/** A first-in-first-out queue that gives memory back as it is emptied. */
class Lane<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Puts items in front, in their order. */
  unshift(items: readonly Item[]): void {
    this.#items = [...items, ...(this.#items.slice(this.#head) as Item[])];
    this.#head = 0;
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Keeps only what `isLive` holds for. */
  sweep(isLive: (item: Item) => boolean): void {
    this.#items = (this.#items.slice(this.#head) as Item[]).filter(isLive);
    this.#head = 0;
  }
}

export interface PriorityQueueOptions<Item> {
  readonly priorityOf: (item: Item) => number;
  /** Entries that died while they waited (cancelled, say) are skipped, and swept out when they are too many. */
  readonly isLive: (item: Item) => boolean;
}

const DEAD_MAX = 1024;

export class PriorityQueue<Item> {
  readonly #options: PriorityQueueOptions<Item>;
  readonly #lanes = new Map<number, Lane<Item>>();
  /** Priorities that have a lane, most urgent first. */
  #order: number[] = [];
  #size = 0;
  #dead = 0;

  constructor(options: PriorityQueueOptions<Item>) {
    this.#options = options;
  }

  /** Live entries. */
  get size(): number {
    return this.#size - this.#dead;
  }

  /** Entries in memory, dead ones included. */
  get held(): number {
    return this.#size;
  }

  push(item: Item): void {
    this.#sweep();
    this.#lane(this.#options.priorityOf(item)).push(item);
    this.#size += 1;
  }

  /** Puts entries back in front of those of the same priority, in their order. */
  putBack(items: readonly Item[]): void {
    const byPriority = groupBy(items, this.#options.priorityOf);
    for (const [priority, group] of byPriority) this.#lane(priority).unshift(group);
    this.#size += items.length;
  }

  /** Takes the most urgent live entry. */
  shift(): Item | undefined {
    while (this.#order.length > 0) {
      const priority = this.#order[0]!;
      const lane = this.#lanes.get(priority)!;
      const item = lane.shift();
      if (item === undefined) {
        this.#lanes.delete(priority);
        this.#order.shift();
        continue;
      }
      this.#size -= 1;
      if (this.#options.isLive(item)) return item;
      this.#dead -= 1;
    }
    return undefined;
  }

  /** Says that a waiting entry is, or is about to be, no longer live. */
  died(): void {
    this.#dead += 1;
  }

  #sweep(): void {
    if (this.#dead <= DEAD_MAX || this.#dead * 2 <= this.#size) return;
    this.#size = 0;
    this.#dead = 0;
    for (const lane of this.#lanes.values()) {
      lane.sweep(this.#options.isLive);
      this.#size += lane.length;
    }
  }

  #lane(priority: number): Lane<Item> {
    let lane = this.#lanes.get(priority);
    if (!lane) {
      lane = new Lane();
      this.#lanes.set(priority, lane);
      this.#order.push(priority);
      this.#order.sort((a, b) => b - a);
    }
    return lane;
  }
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => number): Map<number, Item[]> {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
