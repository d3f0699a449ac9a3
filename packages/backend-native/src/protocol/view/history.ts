/** Decisions kept for those who missed them, and how anyone checks one. */
import type { MemberIndex } from '../gossip/index.js';
import type { Decision } from './types.js';
import type { View, ViewMaker } from './view.js';

/** Older ones are dropped: who missed more gets the view itself. */
const DECISIONS_MAX = 64;
/** Decisions in answer to one question. */
const ANSWER_MAX = 8;

export class History {
  #decisions: Decision[] = [];

  push(decision: Decision): void {
    this.#decisions.push(decision);
    if (this.#decisions.length > DECISIONS_MAX) this.#decisions.shift();
  }

  clear(): void {
    this.#decisions = [];
  }

  /** The decisions right after an epoch, as many as one answer carries; `undefined` when they are not kept. */
  after(epoch: number): readonly Decision[] | undefined {
    const start = this.#decisions.findIndex((decision) => decision.epoch === epoch + 1);
    return start < 0 ? undefined : this.#decisions.slice(start, start + ANSWER_MAX);
  }
}

/** Whether the votes of a decision, each voter's one and all for this cut in one round, are enough. */
export function isDecided(view: View, decision: Decision, cutId: string): boolean {
  const round = decision.votes[0]?.round ?? -1;
  if (decision.epoch !== view.epoch + 1 || round < 0) return false;
  const voters = new Set<MemberIndex>();
  for (const vote of decision.votes) {
    if (vote.viewId !== view.id || vote.round !== round || vote.cutId !== cutId) return false;
    if (!view.isVoter(vote.author)) return false;
    voters.add(vote.author);
  }
  return voters.size >= view.votesNeeded(round, decision.cut);
}

/** The same, counted once per decision: simulated nodes share it, and ten thousand need not each count the votes. */
export function isDecidedOnce(view: View, decision: Decision, cutId: string, maker: ViewMaker): boolean {
  if (maker.checked.get(decision) === view.id) return true;
  if (!isDecided(view, decision, cutId)) return false;
  maker.checked.set(decision, view.id);
  return true;
}
