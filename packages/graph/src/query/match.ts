/**
 * Finds all ways to fill the variables of patterns: nested loops over the fact index, at each level the pattern with
 * the fewest candidates given what is bound so far.
 */
import type { Hypergraph } from '../hypergraph.js';
import { closureOf } from './closure.js';
import { type FactIndex, type FactRange, factIndexOf } from './fact-index.js';
import type { Plan, PlannedPattern, Slot } from './plan.js';
import type { QueryBudget } from './query-budget.js';

/** Most candidates that one query looks at; it then ends with what it has. */
export const CANDIDATES_MAX = 50_000_000;

const UNBOUND = -1;
/** Guesses for steps that are followed several times. */
const CLOSURE_BOUND = 64;
const CLOSURE_UNBOUND = Number.MAX_SAFE_INTEGER;

export interface MatchOptions {
  readonly candidatesMax?: number;
  readonly budget?: QueryBudget;
}

/** Whether all matches were found, or why not. */
export type MatchEnd = 'complete' | 'stopped' | 'candidates';

/**
 * Calls `found` with the values of the slots of each match; the array is reused.
 * @param found Returns `false` to end the search.
 */
export function findMatches(
  graph: Hypergraph,
  plan: Plan,
  found: (bindings: Float64Array) => boolean,
  options: MatchOptions = {},
): MatchEnd {
  return new Matcher(graph, plan, found, options).run();
}

class Matcher {
  readonly #graph: Hypergraph;
  readonly #index: FactIndex;
  readonly #patterns: readonly PlannedPattern[];
  readonly #found: (bindings: Float64Array) => boolean;
  readonly #bindings: Float64Array;
  readonly #isDone: boolean[];
  readonly #budget: QueryBudget | undefined;
  #left: number;
  #end: MatchEnd = 'complete';

  constructor(
    graph: Hypergraph,
    plan: Plan,
    found: (bindings: Float64Array) => boolean,
    { candidatesMax = CANDIDATES_MAX, budget }: MatchOptions,
  ) {
    this.#graph = graph;
    this.#index = factIndexOf(graph);
    this.#patterns = plan.patterns;
    this.#found = found;
    this.#bindings = new Float64Array(plan.slots.length).fill(UNBOUND);
    this.#isDone = plan.patterns.map(() => false);
    this.#left = candidatesMax;
    this.#budget = budget;
  }

  run(): MatchEnd {
    this.#solve(this.#patterns.length);
    return this.#end;
  }

  /** @returns Whether to go on. */
  #solve(open: number): boolean {
    if (open === 0) {
      if (this.#found(this.#bindings)) return true;
      this.#end = 'stopped';
      return false;
    }
    const next = this.#cheapest();
    this.#isDone[next] = true;
    const goesOn = this.#expand(this.#patterns[next]!, open - 1);
    this.#isDone[next] = false;
    return goesOn;
  }

  #cheapest(): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#patterns.length; i++) {
      if (this.#isDone[i]) continue;
      const cost = this.#cost(this.#patterns[i]!);
      if (cost < least) {
        least = cost;
        best = i;
      }
    }
    return best;
  }

  #cost(pattern: PlannedPattern): number {
    if (pattern.times !== 'once') {
      const isBound = pattern.terms.some((term) => this.#value(term) !== UNBOUND);
      return isBound ? CLOSURE_BOUND : CLOSURE_UNBOUND;
    }
    const { from, to } = this.#candidates(pattern);
    return to - from;
  }

  #candidates({ relation, terms, roles }: PlannedPattern): FactRange {
    if (roles) return this.#candidatesByRole(relation, terms);
    const [s, o] = [this.#value(terms[0]!), terms.length > 1 ? this.#value(terms[1]!) : UNBOUND];
    if (s === UNBOUND && o === UNBOUND) {
      for (let i = 2; i < terms.length; i++) {
        const vertex = this.#value(terms[i]!);
        if (vertex === UNBOUND) continue;
        const facts = this.#graph.hyperedgesOf(vertex);
        return { facts, from: 0, to: facts.length };
      }
    }
    return this.#index.range({ s, p: this.#value(relation), o });
  }

  /** Facts of the known member that is in fewest, or of the relation. */
  #candidatesByRole(relation: Slot, terms: readonly Slot[]): FactRange {
    const known = terms.map((term) => this.#value(term)).filter((vertex) => vertex !== UNBOUND);
    const lists = known.map((vertex) => this.#graph.hyperedgesOf(vertex));
    const [facts] = lists.sort((one, other) => one.length - other.length);
    if (facts) return { facts, from: 0, to: facts.length };
    return this.#index.range({ s: UNBOUND, p: this.#value(relation), o: UNBOUND });
  }

  #expand(pattern: PlannedPattern, open: number): boolean {
    if (pattern.times !== 'once') return this.#expandClosure(pattern, open);
    if (pattern.roles) return this.#expandRoles(pattern, pattern.roles, open);
    const { facts, from, to } = this.#candidates(pattern);
    const { offsets, members } = this.#graph.edgeToNodes;
    const { terms, relation } = pattern;
    for (let i = from; i < to; i++) {
      if (!this.#spend()) return false;
      const fact = facts[i]!;
      const start = offsets[fact]!;
      if (offsets[fact + 1]! - start !== terms.length) continue;
      const slots = [relation, ...terms];
      const goesOn = this.#bind(
        slots,
        (at) => (at === 0 ? this.#index.relationOf(fact) : members[start + at - 1]!),
        open,
      );
      if (!goesOn) return false;
    }
    return true;
  }

  /** A fact fits when it has members in all the roles, whatever other members it has. */
  #expandRoles(pattern: PlannedPattern, roles: readonly number[], open: number): boolean {
    const { facts, from, to } = this.#candidates(pattern);
    for (let i = from; i < to; i++) {
      if (!this.#spend()) return false;
      const fact = facts[i]!;
      // A fact that lists a member again stands beside itself.
      if (i > from && fact === facts[i - 1]) continue;
      const relation = () => this.#index.relationOf(fact);
      // Binding the relation comes first; the members are chosen below it.
      const goesOn = this.#bindThen([pattern.relation], relation, () =>
        this.#chooseMembers(pattern, roles, fact, 0, open),
      );
      if (!goesOn) return false;
    }
    return true;
  }

  #chooseMembers(
    pattern: PlannedPattern,
    roles: readonly number[],
    fact: number,
    at: number,
    open: number,
  ): boolean {
    if (at === roles.length) return this.#solve(open);
    const { offsets, members } = this.#graph.edgeToNodes;
    const { values } = this.#graph.properties.incidences.role!;
    for (let place = offsets[fact]!; place < offsets[fact + 1]!; place++) {
      // Members in the same roles multiply: each that is looked at counts as a candidate.
      if (!this.#spend()) return false;
      if (values[place] !== roles[at]) continue;
      const deeper = () => this.#chooseMembers(pattern, roles, fact, at + 1, open);
      if (!this.#bindThen([pattern.terms[at]!], () => members[place]!, deeper)) return false;
    }
    return true;
  }

  #expandClosure({ relation, terms, times }: PlannedPattern, open: number): boolean {
    const pairs = closureOf(
      this.#graph,
      this.#index,
      {
        relation: this.#value(relation),
        from: this.#value(terms[0]!),
        to: this.#value(terms[1]!),
        includesStart: times === 'any',
      },
      () => this.#spend(),
    );
    for (const [from, to] of pairs) {
      if (!this.#bind(terms, (at) => (at === 0 ? from : to), open)) return false;
    }
    return this.#left > 0;
  }

  /** Binds the slots to values, goes deeper if they fit, and frees them again. */
  #bind(slots: readonly Slot[], valueAt: (at: number) => number, open: number): boolean {
    return this.#bindThen(slots, valueAt, () => this.#solve(open));
  }

  #bindThen(slots: readonly Slot[], valueAt: (at: number) => number, go: () => boolean): boolean {
    const fresh: number[] = [];
    let fits = true;
    for (let at = 0; at < slots.length && fits; at++) {
      const slot = slots[at]!;
      if (slot.kind === 'any') continue;
      const value = valueAt(at);
      const known = this.#value(slot);
      if (known !== UNBOUND) fits = known === value;
      else if (slot.kind === 'slot') {
        this.#bindings[slot.slot] = value;
        fresh.push(slot.slot);
      }
    }
    const goesOn = !fits || go();
    for (const slot of fresh) this.#bindings[slot] = UNBOUND;
    return goesOn;
  }

  #value(slot: Slot): number {
    if (slot.kind === 'known') return slot.index;
    return slot.kind === 'slot' ? this.#bindings[slot.slot]! : UNBOUND;
  }

  #spend(): boolean {
    this.#left -= 1;
    this.#budget?.spend(1);
    if (this.#left > 0) return true;
    this.#end = 'candidates';
    return false;
  }
}
