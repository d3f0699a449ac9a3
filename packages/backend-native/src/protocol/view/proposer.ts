/**
 * Leads one cut to a decision: round 0 asks for three quarters of the voters at once; if they do not agree in time, later
 * rounds ask for a majority in two phases.
 */
import type { MemberIndex } from '../gossip/index.js';
import { type Ballot, mustPropose, type Promised } from './acceptor.js';
import type { Decision, Vote } from './types.js';
import type { View } from './view.js';

/** Wait for the answers of one phase; grows with every round. */
const PHASE_MS = 1000;
export type ProposerAction =
  | { readonly type: 'propose'; readonly ballot: Ballot }
  | { readonly type: 'prepare'; readonly round: number }
  | { readonly type: 'decide'; readonly decision: Decision }
  /** What it wanted is out of date, and nothing else must be proposed. */
  | { readonly type: 'give-up' };

export interface ProposerOptions {
  readonly view: View;
  /** Of this node among the view's voters: makes its rounds its own. */
  readonly rank: number;
  readonly own: Ballot;
  /** Rounds an earlier proposer of this node began in this view; after any, round 0 is over. */
  readonly attempts: number;
  readonly nowMs: number;
  /** Whether this node would vote for a cut by what it knows now. */
  readonly isJustified: (ballot: Ballot) => boolean;
}

export class Proposer {
  readonly #view: View;
  readonly #rank: number;
  readonly #own: Ballot;
  readonly #isJustified: (ballot: Ballot) => boolean;
  #phase: 'fast' | 'prepare' | 'accept' | 'done' = 'fast';
  #ballot: Ballot;
  #round = 0;
  #attempt: number;
  #deadlineMs: number;
  readonly #votes = new Map<MemberIndex, Vote>();
  readonly #promises = new Map<MemberIndex, Promised>();

  constructor(options: ProposerOptions) {
    this.#view = options.view;
    this.#rank = options.rank;
    this.#own = options.own;
    this.#isJustified = options.isJustified;
    this.#ballot = options.own;
    this.#attempt = options.attempts;
    this.#deadlineMs = options.nowMs + PHASE_MS;
  }

  /** Rounds begun in this view. */
  get attempts(): number {
    return this.#attempt;
  }

  get deadlineMs(): number {
    return this.#phase === 'done' ? Number.POSITIVE_INFINITY : this.#deadlineMs;
  }

  get isDone(): boolean {
    return this.#phase === 'done';
  }

  start(nowMs: number): ProposerAction {
    const able = this.#view.voterCount - this.#own.cut.remove.filter(({ isVoter }) => isVoter).length;
    if (this.#attempt > 0 || able < this.#view.fastQuorum) return this.#nextRound(nowMs);
    return { type: 'propose', ballot: this.#ballot };
  }

  onVote(vote: Vote): ProposerAction | undefined {
    const isMine = vote.round === this.#round && vote.cutId === this.#ballot.cutId;
    if (!isMine || this.#phase === 'done' || this.#phase === 'prepare') return undefined;
    if (!this.#view.isVoter(vote.author)) return undefined;
    this.#votes.set(vote.author, vote);
    const needed = this.#view.votesNeeded(this.#round, this.#ballot.cut);
    if (this.#votes.size < needed) return undefined;
    this.#phase = 'done';
    const decision = { epoch: this.#view.epoch + 1, cut: this.#ballot.cut, votes: [...this.#votes.values()] };
    return { type: 'decide', decision };
  }

  onPromise(from: MemberIndex, round: number, promised: Promised, nowMs: number): ProposerAction | undefined {
    if (this.#phase !== 'prepare' || round !== this.#round || !this.#view.isVoter(from)) return undefined;
    this.#promises.set(from, promised);
    if (!this.#isPromised) return undefined;
    const forced = mustPropose([...this.#promises.values()], this.#view);
    // More promises may show that it cannot have won.
    const isLate = forced !== undefined && !this.#isJustified(forced);
    if (isLate && this.#promises.size < this.#view.voterCount) return undefined;
    return this.#accept(forced, nowMs);
  }

  tick(nowMs: number): ProposerAction | undefined {
    if (nowMs < this.deadlineMs) return undefined;
    if (this.#phase !== 'prepare' || !this.#isPromised) return this.#nextRound(nowMs);
    return this.#accept(mustPropose([...this.#promises.values()], this.#view), nowMs);
  }

  get #isPromised(): boolean {
    return this.#promises.size >= this.#view.votesNeeded(this.#round, this.#own.cut);
  }

  #accept(forced: Ballot | undefined, nowMs: number): ProposerAction {
    if (forced === undefined && !this.#isJustified(this.#own)) return { type: 'give-up' };
    this.#ballot = { ...(forced ?? this.#own), round: this.#round };
    this.#phase = 'accept';
    this.#votes.clear();
    this.#deadlineMs = nowMs + this.#waitMs();
    return { type: 'propose', ballot: this.#ballot };
  }

  #nextRound(nowMs: number): ProposerAction {
    this.#round = this.#attempt * this.#view.voterCount + this.#rank + 1;
    this.#attempt += 1;
    this.#phase = 'prepare';
    this.#votes.clear();
    this.#promises.clear();
    this.#deadlineMs = nowMs + this.#waitMs();
    return { type: 'prepare', round: this.#round };
  }

  /** Longer with every attempt and every rank, so that two proposers do not outbid each other for ever. */
  #waitMs(): number {
    return PHASE_MS * Math.min(8, this.#attempt) + (PHASE_MS / 4) * Math.min(8, this.#rank);
  }
}
