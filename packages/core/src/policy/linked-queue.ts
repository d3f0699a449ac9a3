/** A first-in first-out list through its own nodes: adding, taking and leaving from the middle cost the same, nothing. */
export interface QueueNode<Node> {
  queueNext: Node | undefined;
  queuePrevious: Node | undefined;
  /** The queue it is in; a node is in one at most. */
  queue: LinkedQueue<never> | undefined;
}

export class LinkedQueue<Node extends QueueNode<Node>> {
  #head: Node | undefined;
  #tail: Node | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Node | undefined {
    return this.#head;
  }

  get last(): Node | undefined {
    return this.#tail;
  }

  push(node: Node): void {
    node.queue = this as unknown as LinkedQueue<never>;
    node.queuePrevious = this.#tail;
    if (this.#tail === undefined) this.#head = node;
    else this.#tail.queueNext = node;
    this.#tail = node;
    this.#size += 1;
  }

  /** Puts a node in front of all others. */
  unshift(node: Node): void {
    node.queue = this as unknown as LinkedQueue<never>;
    node.queueNext = this.#head;
    if (this.#head === undefined) this.#tail = node;
    else this.#head.queuePrevious = node;
    this.#head = node;
    this.#size += 1;
  }

  shift(): Node | undefined {
    const node = this.#head;
    if (node !== undefined) this.#unlink(node);
    return node;
  }

  /** @returns `false` when the node is not in this queue. */
  delete(node: Node): boolean {
    if (node.queue !== (this as unknown as LinkedQueue<never>)) return false;
    this.#unlink(node);
    return true;
  }

  #unlink(node: Node): void {
    const { queueNext: next, queuePrevious: previous } = node;
    if (previous === undefined) this.#head = next;
    else previous.queueNext = next;
    if (next === undefined) this.#tail = previous;
    else next.queuePrevious = previous;
    node.queueNext = undefined;
    node.queuePrevious = undefined;
    node.queue = undefined;
    this.#size -= 1;
  }
}
