/** A view: who belongs, in which epoch, who observes whom, and how many votes decide. Immutable, equal on every node. */

import { hashText, mix } from '../gossip/hash.js';
import type { Directory, MemberIndex } from '../gossip/index.js';
import type { Cut, Decision, ViewMember, ViewSnapshot } from './types.js';

/** Observers of a member, drawn by hash of (view, ring, subject) (Rapid's K; nobody picks whom to observe). */
export const RINGS = 10;
/** Alerts from which on a member is uncertain, and the cut waits for it (Rapid's L). */
export const ALERTS_UNSURE = 3;
/** Below this many members every voter observes everyone, and a majority of the voters is evidence enough. */
export const RINGS_MEMBERS_MIN = 8;
/** Of two voters, one that leaves or comes back under a new boot agrees by that; with more voters a majority remains. */
const CONSENT_VOTERS = 2;
/** Views remembered, so that a node does not compute one twice; the oldest is forgotten. */
const VIEWS_CACHED_MAX = 16;

export class View implements ViewSnapshot {
  readonly lineage: string;
  readonly epoch: number;
  readonly id: string;
  /** Sorted by id. */
  readonly members: readonly ViewMember[];
  readonly voterCount: number;
  /** Voters in the order in which they take charge; another order in every view. */
  readonly ranks: readonly ViewMember[];
  readonly #byIndex: (ViewMember | undefined)[];
  readonly #observers = new Map<MemberIndex, readonly MemberIndex[]>();
  readonly #seed: number;

  constructor(snapshot: ViewSnapshot, directory: Directory) {
    this.lineage = snapshot.lineage;
    this.epoch = snapshot.epoch;
    this.id = snapshot.id;
    this.members = snapshot.members.toSorted((left, right) => (left.id < right.id ? -1 : 1));
    this.#byIndex = new Array<ViewMember | undefined>(directory.size).fill(undefined);
    for (const member of this.members) this.#byIndex[member.index] = member;
    this.#seed = hashText(this.id);
    const rankOf = (member: ViewMember) => mix(this.#seed, directory.hashOf(member.index));
    const voters = this.members.filter(({ isVoter }) => isVoter);
    this.voterCount = voters.length;
    this.ranks = voters
      .map((member) => ({ member, rank: rankOf(member) }))
      .sort((left, right) => left.rank - right.rank || (left.member.id < right.member.id ? -1 : 1))
      .map(({ member }) => member);
  }

  member(index: MemberIndex): ViewMember | undefined {
    return this.#byIndex[index];
  }

  /** Whether this very process belongs. */
  has(index: MemberIndex, boot: number): boolean {
    return this.#byIndex[index]?.boot === boot;
  }

  isVoter(index: MemberIndex): boolean {
    return this.#byIndex[index]?.isVoter ?? false;
  }

  /** Votes of one round 0 that decide (Fast Paxos): any two such quorums and a majority share a voter. */
  get fastQuorum(): number {
    return Math.ceil((this.voterCount * 3) / 4);
  }

  get majority(): number {
    return Math.floor(this.voterCount / 2) + 1;
  }

  /** Votes that decide a cut in a round. */
  votesNeeded(round: number, cut: Cut): number {
    if (round === 0) return this.fastQuorum;
    const isConsent = this.voterCount === CONSENT_VOTERS && cut.remove.some(({ isVoter }) => isVoter);
    return isConsent ? 1 : this.majority;
  }

  /** Who may testify that a member is gone. */
  observersOf(subject: MemberIndex): readonly MemberIndex[] {
    let observers = this.#observers.get(subject);
    if (observers === undefined) {
      observers = this.members.length < RINGS_MEMBERS_MIN ? this.#otherVoters(subject) : this.#drawn(subject);
      this.#observers.set(subject, observers);
    }
    return observers;
  }

  /** Alerts that make a member's failure certain (Rapid's H = 9 of 10). */
  alertsEnough(subject: MemberIndex): number {
    if (this.members.length < RINGS_MEMBERS_MIN) return this.majority;
    return Math.max(1, this.observersOf(subject).length - 1);
  }

  #otherVoters(subject: MemberIndex): readonly MemberIndex[] {
    return this.ranks.map(({ index }) => index).filter((index) => index !== subject);
  }

  #drawn(subject: MemberIndex): readonly MemberIndex[] {
    const wanted = Math.min(RINGS, this.members.length - 1);
    const drawn: MemberIndex[] = [];
    const word = hashText(this.#byIndex[subject]?.id ?? '');
    for (let ring = 0; drawn.length < wanted; ring++) {
      const { index } = this.members[mix(this.#seed + ring, word) % this.members.length]!;
      if (index !== subject && !drawn.includes(index)) drawn.push(index);
    }
    return drawn;
  }
}

/** Name of a cut: equal for equal cuts only, as far as `hash` is. */
export function cutIdOf(cut: Cut, { hash, cutIds }: ViewMaker): string {
  const known = cutIds.get(cut);
  if (known !== undefined) return known;
  const namesOf = (members: readonly ViewMember[]) =>
    members.map(({ id, boot, isVoter }) => JSON.stringify([id, boot, isVoter])).sort();
  const cutId = hash(JSON.stringify([cut.viewId, namesOf(cut.add), namesOf(cut.remove)]));
  cutIds.set(cut, cutId);
  return cutId;
}

export interface ViewMaker {
  readonly directory: Directory;
  /** Collision-resistant outside of simulations. */
  readonly hash: (text: string) => string;
  /** Views by id; simulated nodes share one. */
  readonly cache: Map<string, View>;
  /** Decisions whose votes were counted, with the id of the view they apply to. */
  readonly checked: WeakMap<Decision, string>;
  /** Ids of cuts, computed once. */
  readonly cutIds: WeakMap<Cut, string>;
}

/** The first view, of one founder. */
export function firstView(founder: ViewMember, lineage: string, epoch: number, maker: ViewMaker): View {
  return new View({ lineage, epoch, id: maker.hash(lineage), members: [founder] }, maker.directory);
}

export function viewOf(snapshot: ViewSnapshot, maker: ViewMaker): View {
  const cached = maker.cache.get(snapshot.id);
  if (cached !== undefined) return cached;
  const view = new View(snapshot, maker.directory);
  maker.cache.set(view.id, view);
  if (maker.cache.size > VIEWS_CACHED_MAX) maker.cache.delete(maker.cache.keys().next().value!);
  return view;
}

/** The view after a cut. Its id names the whole history. */
export function nextView(view: View, cut: Cut, cutId: string, maker: ViewMaker): View {
  const id = maker.hash(`${view.id} ${cutId}`);
  const cached = maker.cache.get(id);
  if (cached !== undefined) return cached;
  const gone = new Set(cut.remove.map(({ index }) => index));
  const members = [...view.members.filter(({ index }) => !gone.has(index)), ...cut.add];
  return viewOf({ lineage: view.lineage, epoch: view.epoch + 1, id, members }, maker);
}
