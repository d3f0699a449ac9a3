/** Which tasks may run: those whose parents all ended well. When one did not, everything that needs it is skipped. */
export interface Released<Node> {
  /** Every parent ended well. */
  readonly ready: readonly Node[];
  /** A parent did not, directly or through others; `because` is the nearest one. */
  readonly skipped: readonly { readonly node: Node; readonly because: Node }[];
}

interface Waiting<Node> {
  missing: number;
  readonly parents: readonly Node[];
}

const NOTHING: Released<never> = { ready: [], skipped: [] };

export class ReleaseGraph<Node extends object> {
  readonly #waiting = new Map<Node, Waiting<Node>>();
  readonly #children = new Map<Node, Set<Node>>();

  /** Nodes that wait for a parent. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Adds a node that waits for `parents`, which have not ended; at least one. */
  add(node: Node, parents: readonly Node[]): void {
    const distinct = [...new Set(parents)];
    this.#waiting.set(node, { missing: distinct.length, parents: distinct });
    for (const parent of distinct) {
      const children = this.#children.get(parent);
      if (children === undefined) this.#children.set(parent, new Set([node]));
      else children.add(node);
    }
  }

  /** The nodes that wait for `node`. */
  childrenOf(node: Node): Iterable<Node> {
    return this.#children.get(node) ?? [];
  }

  /** A node ended: what follows from it. Skipped nodes are out of the graph; do not `end` them. */
  end(node: Node, how: 'ok' | 'failed'): Released<Node> {
    this.#leave(node);
    if (!this.#children.has(node)) return NOTHING;
    return how === 'ok'
      ? { ready: this.#satisfy(node), skipped: [] }
      : { ready: [], skipped: this.#skip(node) };
  }

  #satisfy(parent: Node): Node[] {
    const ready: Node[] = [];
    for (const child of this.#children.get(parent)!) {
      const entry = this.#waiting.get(child)!;
      entry.missing -= 1;
      if (entry.missing > 0) continue;
      this.#waiting.delete(child);
      ready.push(child);
    }
    this.#children.delete(parent);
    return ready;
  }

  #skip(failed: Node): { node: Node; because: Node }[] {
    const skipped: { node: Node; because: Node }[] = [];
    const failures = [failed];
    for (let parent = failures.pop(); parent !== undefined; parent = failures.pop()) {
      const children = this.#children.get(parent) ?? [];
      this.#children.delete(parent);
      for (const child of children) {
        this.#leave(child);
        skipped.push({ node: child, because: parent });
        failures.push(child);
      }
    }
    return skipped;
  }

  /** Forgets that a node waits; its parents no longer count it. */
  #leave(node: Node): void {
    const entry = this.#waiting.get(node);
    if (entry === undefined) return;
    this.#waiting.delete(node);
    for (const parent of entry.parents) {
      const siblings = this.#children.get(parent);
      if (siblings?.delete(node) && siblings.size === 0) this.#children.delete(parent);
    }
  }
}
