/**
 * Facts in three orders: by subject, relation, object (SPO), by relation, object, subject (POS) and by object,
 * subject, relation (OSP). A fact is a hyperedge; its subject is the first member, its object the second
 * (the only one is both). Whatever of
 * the three is known, some order has the facts that fit side by side (Weiss, Karras and Bernstein, "Hexastore",
 * VLDB 2008, with the three orders that suffice). Each order is made when it is first needed.
 */
import type { Hypergraph } from '../hypergraph.js';

export type OrderName = 'spo' | 'pos' | 'osp';

const KEYS: Readonly<Record<OrderName, readonly ['s' | 'p' | 'o', 's' | 'p' | 'o', 's' | 'p' | 'o']>> = {
  spo: ['s', 'p', 'o'],
  pos: ['p', 'o', 's'],
  osp: ['o', 's', 'p'],
};

/** What is known of a fact; -1 is unknown. */
export interface Known {
  readonly s: number;
  readonly p: number;
  readonly o: number;
}

/** Facts `facts[from]` to `facts[to - 1]`. */
export interface FactRange {
  readonly facts: Uint32Array;
  readonly from: number;
  readonly to: number;
}

interface Order {
  readonly facts: Uint32Array;
  /** Where each value of the first key starts. */
  readonly starts: Uint32Array;
}

export class FactIndex {
  readonly relationCount: number;
  readonly #columns: Readonly<Record<'s' | 'p' | 'o', Uint32Array>>;
  readonly #sizes: Readonly<Record<'s' | 'p' | 'o', number>>;
  /** Hyperedges that have members. */
  readonly #facts: Uint32Array;
  readonly #orders = new Map<OrderName, Order>();

  constructor(graph: Hypergraph) {
    const { offsets, members } = graph.edgeToNodes;
    const relation = graph.properties.hyperedges.relation;
    const count = graph.hyperedgeCount;
    const facts = new Uint32Array(count);
    let factCount = 0;
    const subjects = new Uint32Array(count);
    const objects = new Uint32Array(count);
    for (let fact = 0; fact < count; fact++) {
      const [from, to] = [offsets[fact]!, offsets[fact + 1]!];
      if (from === to) continue;
      facts[factCount++] = fact;
      subjects[fact] = members[from]!;
      objects[fact] = members[Math.min(from + 1, to - 1)]!;
    }
    this.relationCount = relation?.dictionary?.size ?? 1;
    this.#facts = facts.slice(0, factCount);
    this.#columns = {
      s: subjects,
      p: relation?.dictionary ? Uint32Array.from(relation.values) : new Uint32Array(count),
      o: objects,
    };
    this.#sizes = { s: graph.vertexCount, p: this.relationCount, o: graph.vertexCount };
  }

  relationOf(fact: number): number {
    return this.#columns.p[fact]!;
  }

  /** The facts that fit, side by side in one order. */
  range(known: Known): FactRange {
    const name = orderFor(known);
    const keys = KEYS[name];
    const { facts, starts } = this.#order(name);
    const first = known[keys[0]];
    if (first < 0) return { facts, from: 0, to: facts.length };
    let [from, to] = [starts[first]!, starts[first + 1]!];
    for (const key of [keys[1], keys[2]]) {
      const value = known[key];
      if (value < 0) break;
      const column = this.#columns[key];
      from = lowerBound(facts, column, from, to, value);
      to = lowerBound(facts, column, from, to, value + 1);
    }
    return { facts, from, to };
  }

  #order(name: OrderName): Order {
    let order = this.#orders.get(name);
    if (!order) {
      const [first, second, third] = KEYS[name];
      let facts = this.#facts;
      // Stable counting sorts, the least key first, leave the facts sorted by all three.
      for (const key of [third, second, first]) facts = sortBy(facts, this.#columns[key], this.#sizes[key]);
      order = { facts, starts: startsOf(facts, this.#columns[first], this.#sizes[first]) };
      this.#orders.set(name, order);
    }
    return order;
  }
}

/** An order in which what is known comes first. */
function orderFor({ s, p, o }: Known): OrderName {
  if (s >= 0) return o >= 0 && p < 0 ? 'osp' : 'spo';
  return p >= 0 ? 'pos' : o >= 0 ? 'osp' : 'spo';
}

function sortBy(facts: Uint32Array, column: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const next = startsOf(facts, column, size);
  const sorted = new Uint32Array(facts.length);
  for (const fact of facts) sorted[next[column[fact]!]++] = fact;
  return sorted;
}

function startsOf(facts: Uint32Array, column: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const starts = new Uint32Array(size + 1);
  for (const fact of facts) starts[column[fact]! + 1]! += 1;
  for (let value = 0; value < size; value++) starts[value + 1]! += starts[value]!;
  return starts;
}

/** The first place whose value is not below `value`. */
function lowerBound(
  facts: Uint32Array,
  column: Uint32Array,
  from: number,
  to: number,
  value: number,
): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[facts[middle]!]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const indexes = new WeakMap<Hypergraph, FactIndex>();

/** The index of a graph, made once. */
export function factIndexOf(graph: Hypergraph): FactIndex {
  let index = indexes.get(graph);
  if (!index) {
    index = new FactIndex(graph);
    indexes.set(graph, index);
  }
  return index;
}
