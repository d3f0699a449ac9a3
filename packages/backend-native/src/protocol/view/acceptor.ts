/** One voter's memory in one epoch (Fast Paxos, Lamport 2006): what it promised and what it voted for. */
import type { Alert, Cut } from './types.js';
import type { View } from './view.js';

export interface Ballot {
  readonly round: number;
  readonly cut: Cut;
  readonly cutId: string;
  readonly alerts: readonly Alert[];
}

/** Rounds of one epoch: no honest proposer gets there, and who says it did shall not drive the others out of the integers. */
export const ROUND_MAX = 2 ** 32;

export class Acceptor {
  #promised = 0;
  #voted: Ballot | undefined;

  get voted(): Ballot | undefined {
    return this.#voted;
  }

  /** Attempts of any proposer that are over: a round of one of them comes behind what was promised, and cannot be won. */
  attemptsOver({ voterCount }: View): number {
    return Math.ceil(this.#promised / voterCount);
  }

  /** Promises to ignore earlier rounds. @returns Whether it may. */
  promise(round: number): boolean {
    if (round <= this.#promised || round > ROUND_MAX) return false;
    this.#promised = round;
    return true;
  }

  /** Whether a vote for this cut in this round would break no promise: one cut a round, no round behind. */
  mayVote(round: number, cutId: string): boolean {
    if (round < this.#promised || round > ROUND_MAX) return false;
    if (this.#voted === undefined || this.#voted.round < round) return round > 0 || this.#voted === undefined;
    return this.#voted.round === round && this.#voted.cutId === cutId;
  }

  vote(ballot: Ballot): void {
    this.#promised = Math.max(this.#promised, ballot.round);
    this.#voted = ballot;
  }
}

/** What a voter answered to "prepare". */
export interface Promised {
  readonly votedRound: number;
  readonly ballot: Ballot | undefined;
}

/**
 * The cut a new round must propose, given the promises of a majority: the one voted for in the latest classic round, or
 * one of round 0, if it may have won, else any. It may when those whose last vote it was and those that are silent are
 * enough for it. That of the latest round was the only one that could win before it: if it cannot, nothing has won.
 */
export function mustPropose(promises: readonly Promised[], view: View): Ballot | undefined {
  const silent = view.voterCount - promises.length;
  const latest = promises.reduce((round, { votedRound }) => Math.max(round, votedRound), -1);
  if (latest > 0) {
    const last = promises.find(({ votedRound }) => votedRound === latest)?.ballot;
    if (last === undefined) return undefined;
    const same = promises.filter(({ ballot }) => ballot?.cutId === last.cutId).length;
    return same + silent >= view.votesNeeded(latest, last.cut) ? last : undefined;
  }
  const counts = new Map<string, { count: number; ballot: Ballot }>();
  for (const { ballot } of promises) {
    if (ballot === undefined) continue;
    const entry = counts.get(ballot.cutId) ?? { count: 0, ballot };
    entry.count += 1;
    counts.set(ballot.cutId, entry);
  }
  const wanted = Math.max(1, view.fastQuorum - silent);
  return [...counts.values()].find(({ count }) => count >= wanted)?.ballot;
}
