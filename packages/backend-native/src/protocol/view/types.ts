/** What the view protocol says and asks of its driver: decisions by epoch, on evidence that gossip brought. */
import type { MemberIndex, Signed } from '../gossip/index.js';

/** A member of a view is one process: the same id under a new boot is another member. */
export interface ViewMember {
  readonly index: MemberIndex;
  readonly id: string;
  readonly boot: number;
  readonly isVoter: boolean;
}

/** The next change of a view: all at once, in one step of the epoch. */
export interface Cut {
  readonly viewId: string;
  readonly add: readonly ViewMember[];
  readonly remove: readonly ViewMember[];
}

/** "I, an assigned observer, cannot reach it", signed by the author, for one view. */
export interface Alert extends Signed {
  readonly viewId: string;
  readonly subject: MemberIndex;
  readonly boot: number;
  /** Refuted by any newer one of the subject. */
  readonly incarnation: number;
  readonly author: MemberIndex;
}

/** One voter's word for one cut in one round, signed by the author. */
export interface Vote extends Signed {
  readonly viewId: string;
  readonly round: number;
  readonly cutId: string;
  readonly author: MemberIndex;
}

/** A cut with the votes that decided it: anyone who knows the view before can check it. */
export interface Decision {
  readonly epoch: number;
  readonly cut: Cut;
  readonly votes: readonly Vote[];
}

export interface ViewSnapshot {
  readonly lineage: string;
  readonly epoch: number;
  readonly id: string;
  readonly members: readonly ViewMember[];
}

export type ViewMessage =
  | { readonly type: 'view-alert'; readonly alerts: readonly Alert[] }
  | {
      readonly type: 'view-propose';
      readonly round: number;
      readonly cut: Cut;
      readonly alerts: readonly Alert[];
    }
  | { readonly type: 'view-vote'; readonly vote: Vote }
  | { readonly type: 'view-prepare'; readonly viewId: string; readonly round: number }
  | {
      readonly type: 'view-promise';
      readonly viewId: string;
      readonly round: number;
      /** The round this voter voted in last, -1 for none, with what it voted for. */
      readonly votedRound: number;
      readonly cut: Cut | undefined;
      readonly alerts: readonly Alert[];
    }
  | { readonly type: 'view-decide'; readonly decision: Decision }
  /** Asks for what was decided after `epoch`; 0 asks for the view. */
  | { readonly type: 'view-pull'; readonly epoch: number }
  | { readonly type: 'view-push'; readonly view: ViewSnapshot };

export type ViewEffect =
  | { readonly type: 'view'; readonly view: ViewSnapshot; readonly isMember: boolean }
  /** This node was removed; it comes back by itself under a new boot. */
  | { readonly type: 'evicted'; readonly epoch: number };
