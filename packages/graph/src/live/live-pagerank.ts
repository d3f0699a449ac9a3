/**
 * PageRank of a live hypergraph, kept up to date by pushing what a change upsets and no more.
 *
 * Kept are estimates p and residuals r of the system x = 1 + d Pᵀ x, with P the walk vertex, hyperedge, vertex; the ranks are
 * x divided by its sum, which is also what spreads the rank of vertices without hyperedges evenly. A change of a hyperedge
 * changes p and r of its members only: p is kept in proportion to the degree, so that what a vertex gives to its other
 * hyperedges stays. Zhang, Lofgren and Goel, "Approximate personalized PageRank on dynamic graphs" (KDD 2016), section 4,
 * for hyperedges; push of Andersen, Chung and Lang (FOCS 2006).
 */
import { AnantError } from '@anant/core';
import type { ExternalId } from '../ids/id-table.js';
import { FollowedIncidence } from './followed-incidence.js';
import { GrowableF64, GrowableU32 } from './growable.js';
import type { LiveHypergraph } from './live-hypergraph.js';
import { type RoundCost, roundCost, sweepRound } from './rank-rounds.js';

export interface LivePagerankOptions {
  /** Probability to walk on instead of jumping to a uniform vertex; between 0 and 1. @default 0.85 */
  readonly damping?: number;
  /** Bound on the sum of all errors of ranks (L1), from 1e-12 to 1. @default 1e-6 */
  readonly tolerance?: number;
  /**
   * How changes reach the ranks: `push` from what they upset, `sweep` over the whole graph, or whichever the estimate says
   * is cheaper, round by round. @default 'auto'
   */
  readonly method?: 'auto' | 'push' | 'sweep';
}

/** What the last question that found changes did. */
export interface RankUpdate {
  readonly pushRounds: number;
  readonly sweepRounds: number;
  /** The estimated cost of its rounds, in visits of a sweep: of an incidence, twice a round, or a vertex. */
  readonly cost: number;
}

export interface RankedVertex {
  readonly id: ExternalId;
  readonly rank: number;
}

/** Rounds in one question; reached only if rounding defeats them, and then `errorBound` is above the tolerance. */
const ROUNDS_MAX = 100_000;
/** Changes of hyperedges after which residuals are computed anew, so that rounding cannot add up. */
const CHANGES_MAX = 4_194_304;

export class LivePagerank implements Disposable {
  readonly #incidence: FollowedIncidence;
  readonly #stop: () => void;
  readonly #damping: number;
  /** Residuals up to this stay where they are. */
  readonly #least: number;
  readonly #estimates = new GrowableF64();
  readonly #residuals = new GrowableF64();
  readonly #method: 'auto' | 'push' | 'sweep';
  /** Sum of the squared sizes of hyperedges. */
  #squaredSizes = 0;
  #lastUpdate: RankUpdate = { pushRounds: 0, sweepRounds: 0, cost: 0 };
  /** Vertices whose residual may be too large; each is listed once. */
  #due = new GrowableU32();
  readonly #isDue = new GrowableU32();
  /** What the hyperedges of a round hand on; 0 between rounds. */
  readonly #passing = new GrowableF64();
  #changes = 0;
  /** Sums over all vertices; summed when they are asked for, and kept until something changes. */
  #sums: { readonly estimate: number; readonly residual: number } | undefined;

  /** @throws AnantError `E_GRAPH_INVALID` for options out of range */
  constructor(graph: LiveHypergraph, options: LivePagerankOptions = {}) {
    const { damping = 0.85, tolerance = 1e-6, method = 'auto' } = options;
    this.#method = method;
    if (!(damping > 0 && damping < 1)) throw invalid('damping', 'between 0 and 1 (exclusive)', damping);
    if (!(tolerance >= 1e-12 && tolerance <= 1)) throw invalid('tolerance', 'from 1e-12 to 1', tolerance);
    this.#damping = damping;
    this.#least = (tolerance * (1 - damping)) / 2;
    this.#incidence = new FollowedIncidence({
      vertexAdded: (vertex) => this.#vertexAdded(vertex),
      vertexRemoved: (vertex) => this.#clear(vertex),
      hyperedgeAdded: (members) => this.#hyperedgeAdded(members),
      hyperedgeRemoved: (members) => this.#hyperedgeRemoved(members),
    });
    this.#incidence.load(graph.snapshot());
    this.#stop = graph.onBatch((batch) => {
      this.#incidence.follow(batch);
      if (this.#incidence.isWasteful) this.#incidence.compact();
    });
  }

  /** The rank of a vertex. @throws AnantError `E_GRAPH_INVALID` when it does not exist */
  rankOf(id: ExternalId): number {
    const vertex = this.#incidence.vertexOf(id);
    if (vertex < 0) {
      throw new AnantError('E_GRAPH_INVALID', `There is no vertex ${JSON.stringify(id)}.`, {
        advice: 'An integer and its decimal text are different ids.',
      });
    }
    // Settled first: that moves the estimate, too.
    const { estimate } = this.#settled();
    return this.#estimates.at(vertex) / estimate;
  }

  /** The ranks of all vertices, in no particular order; they sum to 1. */
  *ranks(): IterableIterator<RankedVertex> {
    const { estimate } = this.#settled();
    for (let vertex = 0; vertex < this.#incidence.vertexBound; vertex++) {
      if (!this.#incidence.isVertex(vertex)) continue;
      yield { id: this.#incidence.idOf(vertex), rank: this.#estimates.at(vertex) / estimate };
    }
  }

  /** The `count` vertices of highest rank, highest first. */
  top(count: number): RankedVertex[] {
    return [...this.ranks()].sort((one, other) => other.rank - one.rank).slice(0, count);
  }

  /**
   * What the sum of all errors of ranks is at most: 2 / (1 - damping) times the sum of the residuals, divided by the number
   * of vertices. Up to the tolerance.
   */
  get errorBound(): number {
    const { residual } = this.#settled();
    const { vertexCount } = this.#incidence;
    return vertexCount === 0 ? 0 : (2 * residual) / (1 - this.#damping) / vertexCount;
  }

  /**
   * Computes the residuals anew from the estimates and the graph, so that `errorBound` does not rely on what was kept.
   * Linear in the incidences. @returns by how much the kept ones were off, summed
   */
  verify(): number {
    this.#settled();
    const bound = this.#incidence.vertexBound;
    const fresh = new Float64Array(bound);
    for (let vertex = 0; vertex < bound; vertex++) {
      if (this.#incidence.isVertex(vertex)) fresh[vertex] = 1 - this.#estimates.at(vertex);
    }
    for (let hyperedge = 0; hyperedge < this.#incidence.hyperedgeBound; hyperedge++) {
      if (!this.#incidence.isHyperedge(hyperedge)) continue;
      const members = this.#incidence.membersOf(hyperedge);
      const passed = (this.#damping * this.#given(members)) / members.length;
      for (const vertex of members) fresh[vertex]! += passed;
    }
    let off = 0;
    for (let vertex = 0; vertex < bound; vertex++) {
      off += Math.abs(fresh[vertex]! - this.#residuals.at(vertex));
      this.#residuals.set(vertex, fresh[vertex]!);
      this.#note(vertex);
    }
    this.#changes = 0;
    return off;
  }

  /** How the ranks came up to date last. Answering a question about ranks brings them up to date. */
  get lastUpdate(): RankUpdate {
    return this.#lastUpdate;
  }

  /** Stops following the graph. */
  [Symbol.dispose](): void {
    this.#stop();
  }

  #vertexAdded(vertex: number): void {
    if (vertex === this.#estimates.length) {
      this.#estimates.push(0);
      this.#residuals.push(0);
      this.#isDue.push(0);
    }
    this.#add(vertex, 1);
  }

  /** Nothing of a vertex without hyperedges reaches others. */
  #clear(vertex: number): void {
    this.#estimates.set(vertex, 0);
    this.#residuals.set(vertex, 0);
    this.#sums = undefined;
  }

  #hyperedgeAdded(members: Uint32Array): void {
    this.#squaredSizes += members.length ** 2;
    this.#rescale(timesOf(members), 1);
    this.#pass(members, this.#given(members));
    this.#changes += 1;
  }

  #hyperedgeRemoved(members: Uint32Array): void {
    this.#squaredSizes -= members.length ** 2;
    // Degrees have fallen already: what the hyperedge gave is told from estimates that have not.
    const times = timesOf(members);
    let given = 0;
    for (const vertex of members) {
      given += this.#estimates.at(vertex) / (this.#incidence.degreeOf(vertex) + times.get(vertex)!);
    }
    this.#rescale(times, -1);
    this.#pass(members, -given);
    this.#changes += 1;
  }

  /** Keeps estimate / degree of the members, whose degrees have changed, and tells their residuals. */
  #rescale(times: ReadonlyMap<number, number>, direction: 1 | -1): void {
    for (const [vertex, count] of times) {
      const degree = this.#incidence.degreeOf(vertex);
      const before = degree - direction * count;
      if (before === 0 || degree === 0) continue;
      const estimate = this.#estimates.at(vertex);
      const scaled = (estimate / before) * degree;
      this.#estimates.set(vertex, scaled);
      this.#add(vertex, estimate - scaled);
    }
  }

  /** What the members give to a hyperedge. */
  #given(members: Uint32Array): number {
    let sum = 0;
    for (const vertex of members) sum += this.#estimates.at(vertex) / this.#incidence.degreeOf(vertex);
    return sum;
  }

  #pass(members: Uint32Array, given: number): void {
    const passed = (this.#damping * given) / members.length;
    for (const vertex of members) this.#add(vertex, passed);
  }

  #add(vertex: number, change: number): void {
    this.#residuals.set(vertex, this.#residuals.at(vertex) + change);
    this.#note(vertex);
  }

  #note(vertex: number): void {
    this.#sums = undefined;
    if (this.#isDue.at(vertex) !== 0 || Math.abs(this.#residuals.at(vertex)) <= this.#least) return;
    this.#isDue.set(vertex, 1);
    this.#due.push(vertex);
  }

  #settled(): { readonly estimate: number; readonly residual: number } {
    if (this.#changes >= CHANGES_MAX) {
      this.#changes = 0;
      this.verify();
    }
    if (this.#due.length > 0) this.#lastUpdate = this.#handOn();
    this.#sums ??= this.#sum();
    return this.#sums;
  }

  /** Round by round, each the way that is estimated to be cheaper. */
  #handOn(): RankUpdate {
    let [pushRounds, sweepRounds, sum] = [0, 0, 0];
    while (pushRounds + sweepRounds < ROUNDS_MAX && this.#due.length > 0) {
      const cost = this.#roundCost();
      const isSweep = this.#method === 'auto' ? cost.sweep < cost.push : this.#method === 'sweep';
      if (isSweep) {
        this.#sweepRound();
        sweepRounds += 1;
        sum += cost.sweep;
      } else {
        this.#pushRound();
        pushRounds += 1;
        sum += cost.push;
      }
    }
    return { pushRounds, sweepRounds, cost: sum };
  }

  #roundCost(): RoundCost {
    let dueIncidences = 0;
    for (let at = 0; at < this.#due.length; at++) dueIncidences += this.#incidence.degreeOf(this.#due.at(at));
    return roundCost({
      dueIncidences,
      vertices: this.#incidence.vertexCount,
      incidences: this.#incidence.incidenceCount,
      squaredSizes: this.#squaredSizes,
    });
  }

  #sweepRound(): void {
    sweepRound(this.#incidence, this.#estimates.values, this.#residuals.values, this.#damping);
    this.#due = new GrowableU32();
    for (let vertex = 0; vertex < this.#incidence.vertexBound; vertex++) {
      this.#isDue.set(vertex, 0);
      this.#note(vertex);
    }
  }

  #sum(): { readonly estimate: number; readonly residual: number } {
    let [estimate, residual] = [0, 0];
    for (let vertex = 0; vertex < this.#incidence.vertexBound; vertex++) {
      estimate += this.#estimates.at(vertex);
      residual += Math.abs(this.#residuals.at(vertex));
    }
    return { estimate, residual };
  }

  /** Every vertex that is due hands its residual on through its hyperedges. */
  #pushRound(): void {
    const due = this.#due;
    this.#due = new GrowableU32();
    const touched = new GrowableU32();
    const { listed } = this.#incidence;
    if (this.#passing.length < this.#incidence.hyperedgeBound) {
      this.#passing.extend(this.#incidence.hyperedgeBound, 0);
    }
    for (let at = 0; at < due.length; at++) this.#pushVertex(due.at(at), touched);
    for (let at = 0; at < touched.length; at++) {
      const hyperedge = touched.at(at);
      const given = this.#passing.at(hyperedge);
      this.#passing.set(hyperedge, 0);
      const start = this.#incidence.startOf(hyperedge);
      const size = this.#incidence.sizeOf(hyperedge);
      const passed = (this.#damping * given) / size;
      for (let member = start; member < start + size; member++) this.#add(listed[member]!, passed);
    }
  }

  #pushVertex(vertex: number, touched: GrowableU32): void {
    this.#isDue.set(vertex, 0);
    const residual = this.#residuals.at(vertex);
    if (Math.abs(residual) <= this.#least || !this.#incidence.isVertex(vertex)) return;
    this.#estimates.set(vertex, this.#estimates.at(vertex) + residual);
    this.#residuals.set(vertex, 0);
    const given = residual / this.#incidence.degreeOf(vertex);
    this.#incidence.eachHyperedgeOf(vertex, (hyperedge) => {
      const before = this.#passing.at(hyperedge);
      if (before === 0) touched.push(hyperedge);
      this.#passing.set(hyperedge, before + given);
    });
  }
}

/** How often each member is listed. */
function timesOf(members: Uint32Array): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const vertex of members) times.set(vertex, (times.get(vertex) ?? 0) + 1);
  return times;
}

function invalid(name: string, what: string, value: number): AnantError<'E_GRAPH_INVALID'> {
  return new AnantError('E_GRAPH_INVALID', `"${name}" must be ${what}, not ${value}.`);
}
