/** A binary heap of moments that entries can leave at any time: what ended is forgotten at once, not when it is due. */

/** Lives inside the entry, so that setting and clearing a deadline allocates nothing. */
export interface Deadline {
  /** When it is due. */
  dueMs: number;
  /** Its place in the heap; -1 while it has none. */
  heapIndex: number;
}

export class DeadlineHeap<Entry extends Deadline> {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The entry that is due first. */
  get first(): Entry | undefined {
    return this.#entries[0];
  }

  /** Adds an entry, or moves one that is in already. */
  set(entry: Entry, dueMs: number): void {
    const previousMs = entry.dueMs;
    entry.dueMs = dueMs;
    if (entry.heapIndex < 0) {
      entry.heapIndex = this.#entries.length;
      this.#entries.push(entry);
      this.#rise(entry);
    } else if (dueMs < previousMs) this.#rise(entry);
    else if (dueMs > previousMs) this.#sink(entry);
  }

  /** Takes an entry out; one that is not in is left alone. */
  delete(entry: Entry): void {
    const index = entry.heapIndex;
    if (index < 0) return;
    entry.heapIndex = -1;
    const last = this.#entries.pop()!;
    if (last === entry) return;
    this.#entries[index] = last;
    last.heapIndex = index;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: Entry): void {
    const entries = this.#entries;
    let index = entry.heapIndex;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = entries[parentIndex]!;
      if (parent.dueMs <= entry.dueMs) break;
      entries[index] = parent;
      parent.heapIndex = index;
      index = parentIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }

  #sink(entry: Entry): void {
    const entries = this.#entries;
    const { length } = entries;
    let index = entry.heapIndex;
    for (;;) {
      let childIndex = index * 2 + 1;
      if (childIndex >= length) break;
      if (childIndex + 1 < length && entries[childIndex + 1]!.dueMs < entries[childIndex]!.dueMs)
        childIndex += 1;
      const child = entries[childIndex]!;
      if (child.dueMs >= entry.dueMs) break;
      entries[index] = child;
      child.heapIndex = index;
      index = childIndex;
    }
    entries[index] = entry;
    entry.heapIndex = index;
  }
}
