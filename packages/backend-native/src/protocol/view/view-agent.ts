/**
 * One node's part in agreeing on views: it reports what it observes, votes, leads a cut when it is in charge, and follows
 * decisions. Only a quorum of the last view makes the next, so of two sides of a partition at most one goes on.
 */
import type { Random } from '@anant/core';
import { type Agenda, ALERT, JUDGE, LEAD, type MemberIndex, PerSecond, PLAN } from '../gossip/index.js';
import type { MemberTable } from '../gossip/member-table.js';
import { Acceptor, type Ballot } from './acceptor.js';
import { ChangeWatch } from './change-watch.js';
import { inCharge } from './charge.js';
import { CutPlanner } from './cut-planner.js';
import { AlertBook, judge, type Verdict } from './evidence.js';
import { History, isDecidedOnce } from './history.js';
import { Proposer, type ProposerAction } from './proposer.js';
import type { Alert, Decision, ViewEffect, ViewMember, ViewMessage, ViewSnapshot, Vote } from './types.js';
import { cutIdOf, firstView, nextView, type View, type ViewMaker, viewOf } from './view.js';

/** An observer repeats its alert this often while the member stays in the view. */
const ALERT_EVERY_MS = 2000;
/** A proposal that cannot be judged yet is judged again this often, for so long. */
const JUDGE_EVERY_MS = 250;
const JUDGE_MS_MAX = 8000;
/** A proposer that gets nowhere gives up after this long; what changed since may make another cut possible. */
const LEAD_MS_MAX = 15_000;
/** Pulls answered a second; more are ignored, they come again. */
const PULLS_PER_SECOND_MAX = 128;
const PULL_EVERY_MS = 500;
/** Newcomers told at once; the others hear of the epoch from their probes, and pull. */
const PUSHED_MAX = 16;

export interface ViewAgentOptions {
  readonly self: () => ViewMember;
  readonly selfIndex: MemberIndex;
  readonly table: MemberTable;
  /** Where this part says when it wants its turn. */
  readonly agenda: Agenda;
  readonly maker: ViewMaker;
  readonly random: Random;
  /** Sends to a member. */
  readonly send: (to: MemberIndex, message: ViewMessage) => void;
  readonly emit: (effect: ViewEffect) => void;
  /** The view removed these members. */
  readonly onRemoved: (member: ViewMember) => void;
  /** The proposer knows members this node does not. */
  readonly onBehind: (peer: MemberIndex) => void;
}

interface Undecided {
  readonly from: MemberIndex;
  readonly ballot: Ballot;
  readonly untilMs: number;
}

export class ViewAgent {
  view: View | undefined;
  readonly #options: ViewAgentOptions;
  readonly #agenda: Agenda;
  readonly #watch: ChangeWatch;
  readonly #planner: CutPlanner;
  #acceptor = new Acceptor();
  #book: AlertBook | undefined;
  #proposer: Proposer | undefined;
  #leadUntilMs = 0;
  #attempts = 0;
  #undecided: Undecided | undefined;
  readonly #history = new History();
  readonly #pulls = new PerSecond(PULLS_PER_SECOND_MAX);
  #pullAllowedMs = 0;
  #syncAllowedMs = 0;
  #jump: { readonly id: string; readonly from: MemberIndex } | undefined;
  #nowMs = 0;

  constructor(options: ViewAgentOptions) {
    this.#options = options;
    this.#agenda = options.agenda;
    this.#watch = new ChangeWatch(options.table);
    this.#planner = new CutPlanner(options.table, this.#watch);
  }

  /** Founds a cluster: the first view is this node alone. */
  found(lineage: string, epoch: number, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#adopt(firstView(this.#options.self(), lineage, epoch, this.#options.maker), undefined);
  }

  get isMember(): boolean {
    const { index, boot } = this.#options.self();
    return this.view?.has(index, boot) ?? false;
  }

  /**
   * Whether this node belongs to the view and a majority of its voters is above suspicion: only then may work be
   * assigned. A suspect does not count, as a node that is cut off doubts itself and buries nobody.
   */
  get hasQuorum(): boolean {
    if (this.view === undefined || !this.isMember) return false;
    const { table } = this.#options;
    const reached = this.view.ranks.filter(({ index, boot }) => {
      return table.status(index) === 'alive' && table.record(index)?.record.boot === boot;
    });
    return reached.length >= this.view.majority;
  }

  /** What gossip says of a member changed. */
  onStatus(index: MemberIndex, nowMs: number): void {
    if (this.view === undefined) return;
    this.#watch.file(index, this.view);
    if (this.#watch.failed.has(index)) this.#agenda[ALERT] = Math.min(this.#agenda[ALERT]!, nowMs);
    this.#agenda[PLAN] = Math.min(this.#agenda[PLAN]!, nowMs);
    if (this.#undecided !== undefined)
      this.#agenda[JUDGE] = Math.min(this.#agenda[JUDGE]!, nowMs + JUDGE_EVERY_MS);
  }

  /** A peer is in a later epoch. */
  onEpoch(from: MemberIndex, epoch: number, nowMs: number): void {
    if (epoch <= (this.view?.epoch ?? 0) || nowMs < this.#pullAllowedMs) return;
    this.#pullAllowedMs = nowMs + PULL_EVERY_MS * (0.5 + this.#options.random());
    this.#options.send(from, { type: 'view-pull', epoch: this.view?.epoch ?? 0 });
  }

  onMessage(from: MemberIndex, message: ViewMessage, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#handle(from, message);
    this.#agenda[LEAD] = this.#proposer?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  #handle(from: MemberIndex, message: ViewMessage): void {
    switch (message.type) {
      case 'view-alert':
        this.#onAlerts(message.alerts);
        return;
      case 'view-propose':
        this.#onPropose(from, message);
        return;
      case 'view-vote':
        if (message.vote.author === from) this.#act(this.#proposer?.onVote(message.vote));
        return;
      case 'view-prepare':
        this.#onPrepare(from, message);
        return;
      case 'view-promise':
        this.#onPromise(from, message);
        return;
      case 'view-decide':
        this.#onDecide(from, message.decision);
        return;
      case 'view-pull':
        this.#onPull(from, message.epoch);
        return;
      case 'view-push':
        this.#onPush(from, message.view);
        return;
    }
  }

  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs >= this.#agenda[ALERT]!) this.#alert();
    if (nowMs >= this.#agenda[JUDGE]!) this.#judgeAgain();
    if (nowMs >= this.#agenda[PLAN]!) this.#plan();
    if (this.#proposer !== undefined && nowMs >= this.#proposer.deadlineMs) {
      if (nowMs < this.#leadUntilMs) this.#act(this.#proposer.tick(nowMs));
      else this.#giveUp();
    }
    this.#agenda[LEAD] = this.#proposer?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** Reports every failed member this node is assigned to observe, to those in charge. */
  #alert(): void {
    const view = this.view!;
    const self = this.#options.self();
    const alerts: Alert[] = [];
    for (const subject of this.#watch.failed) {
      if (!this.isMember || !view.observersOf(subject).includes(self.index)) continue;
      const { boot } = view.member(subject)!;
      const incarnation = this.#options.table.incarnation(subject);
      alerts.push({ viewId: view.id, subject, boot, incarnation, author: self.index });
    }
    this.#agenda[ALERT] =
      this.#watch.failed.size === 0 ? Number.POSITIVE_INFINITY : this.#nowMs + ALERT_EVERY_MS;
    if (alerts.length === 0) return;
    for (const { index } of this.#inCharge()) {
      if (index === self.index) this.#onAlerts(alerts);
      else this.#options.send(index, { type: 'view-alert', alerts });
    }
  }

  #onAlerts(alerts: readonly Alert[]): void {
    for (const alert of alerts)
      if (this.#book?.add(alert)) this.#agenda[PLAN] = Math.min(this.#agenda[PLAN]!, this.#nowMs);
  }

  #inCharge(): readonly ViewMember[] {
    return inCharge(this.view!, this.#options.selfIndex, this.#options.table);
  }

  #plan(): void {
    this.#agenda[PLAN] = Number.POSITIVE_INFINITY;
    const { view } = this;
    const { selfIndex, table, maker } = this.#options;
    if (view === undefined || this.#proposer !== undefined) return;
    const charge = this.#inCharge().findIndex(({ index }) => index === selfIndex);
    if (charge < 0 || !this.#isVoting()) return;
    const dueMs = this.#planner.dueMs(this.#book!, charge, this.#nowMs);
    if (dueMs > this.#nowMs) {
      this.#agenda[PLAN] = dueMs;
      return;
    }
    const planned = this.#planner.plan(view, this.#book!, this.#nowMs);
    if (planned === undefined) {
      this.#agenda[PLAN] = this.#nowMs + ALERT_EVERY_MS / 2;
      return;
    }
    const rank = view.ranks.findIndex(({ index }) => index === selfIndex);
    const own = { ...planned, round: 0, cutId: cutIdOf(planned.cut, maker) };
    const isJustified = (late: Ballot) => judge(view, { ...late, round: 0 }, table) === 'justified';
    const attempts = Math.max(this.#attempts, this.#acceptor.attemptsOver(view));
    this.#proposer = new Proposer({ attempts, nowMs: this.#nowMs, view, rank, own, isJustified });
    this.#leadUntilMs = this.#nowMs + LEAD_MS_MAX;
    this.#act(this.#proposer.start(this.#nowMs));
  }

  #act(action: ProposerAction | undefined): void {
    if (action?.type === 'decide') this.#announce(action.decision);
    else if (action?.type === 'give-up') this.#giveUp();
    else if (action !== undefined) this.#ask(action);
  }

  #ask(action: ProposerAction & { readonly type: 'propose' | 'prepare' }): void {
    const viewId = this.view!.id;
    const message: ViewMessage =
      action.type === 'prepare'
        ? { type: 'view-prepare', viewId, round: action.round }
        : {
            type: 'view-propose',
            round: action.ballot.round,
            cut: action.ballot.cut,
            alerts: action.ballot.alerts,
          };
    const self = this.#options.self().index;
    for (const { index } of this.view!.ranks) if (index !== self) this.#options.send(index, message);
    this.onMessage(self, message, this.#nowMs);
  }

  #giveUp(): void {
    this.#attempts = this.#proposer!.attempts;
    this.#proposer = undefined;
    this.#agenda[PLAN] = this.#nowMs;
  }

  #announce(decision: Decision): void {
    const self = this.#options.self().index;
    const before = this.view!;
    const removed = new Set(decision.cut.remove.map(({ index }) => index));
    for (const { index } of before.members)
      if (index !== self && !removed.has(index)) this.#options.send(index, { type: 'view-decide', decision });
    this.#onDecide(self, decision);
    const { lineage, epoch, id, members } = this.view!;
    for (const { index } of decision.cut.add.slice(0, PUSHED_MAX))
      this.#options.send(index, { type: 'view-push', view: { lineage, epoch, id, members } });
  }

  #onPropose(from: MemberIndex, message: ViewMessage & { type: 'view-propose' }): void {
    const { cut, round, alerts } = message;
    if (this.view === undefined || cut.viewId !== this.view.id || !this.#isVoting()) return;
    const ballot = { round, cut, alerts, cutId: cutIdOf(cut, this.#options.maker) };
    this.#undecided = { from, ballot, untilMs: this.#nowMs + JUDGE_MS_MAX };
    this.#judgeAgain();
  }

  #judgeAgain(): void {
    this.#agenda[JUDGE] = Number.POSITIVE_INFINITY;
    const open = this.#undecided;
    if (open === undefined) return;
    const { from, ballot, untilMs } = open;
    const isStale = this.view?.id !== ballot.cut.viewId || this.#nowMs > untilMs;
    const verdict = isStale ? 'refused' : this.#judge(ballot);
    if (verdict === 'behind') {
      const isNew = untilMs - this.#nowMs === JUDGE_MS_MAX && this.#nowMs >= this.#syncAllowedMs;
      // Those not in charge have no reason to propose, and get nobody to compare notes with them.
      if (isNew && this.#inCharge().some(({ index }) => index === from)) {
        this.#syncAllowedMs = this.#nowMs + PULL_EVERY_MS;
        this.#options.onBehind(from);
      }
      this.#agenda[JUDGE] = this.#nowMs + JUDGE_EVERY_MS;
      return;
    }
    this.#undecided = undefined;
    if (verdict === 'refused' || !this.#acceptor.mayVote(ballot.round, ballot.cutId)) return;
    this.#acceptor.vote(ballot);
    const author = this.#options.self().index;
    const vote: Vote = { viewId: this.view!.id, round: ballot.round, cutId: ballot.cutId, author };
    if (from === author) this.#act(this.#proposer?.onVote(vote));
    else this.#options.send(from, { type: 'view-vote', vote });
  }

  /** What it voted for in an earlier round it does not doubt: a later round may have to propose it again. */
  #judge(ballot: Ballot): Verdict {
    if (ballot.cutId === this.#acceptor.voted?.cutId) return 'justified';
    return judge(this.view!, ballot, this.#options.table);
  }

  #onPrepare(from: MemberIndex, message: ViewMessage & { type: 'view-prepare' }): void {
    const { viewId, round } = message;
    if (viewId !== this.view?.id || !this.#isVoting() || !this.#mayLead(from, round)) return;
    if (!this.#acceptor.promise(round)) return;
    const { voted } = this.#acceptor;
    const promise: ViewMessage = {
      type: 'view-promise',
      viewId,
      round,
      votedRound: voted?.round ?? -1,
      cut: voted?.cut,
      alerts: voted?.alerts ?? [],
    };
    if (from === this.#options.selfIndex) this.#onPromise(from, promise);
    else this.#options.send(from, promise);
  }

  /** Only those in charge may begin a round, and only one of their own numbers. */
  #mayLead(from: MemberIndex, round: number): boolean {
    const rank = this.view!.ranks.findIndex(({ index }) => index === from);
    const isOwnRound = rank >= 0 && (round - 1) % this.view!.voterCount === rank;
    return isOwnRound && this.#inCharge().some(({ index }) => index === from);
  }

  #onPromise(from: MemberIndex, message: ViewMessage & { type: 'view-promise' }): void {
    const { viewId, round, votedRound, cut, alerts } = message;
    if (viewId !== this.view?.id) return;
    const ballot = cut && { round: votedRound, cut, alerts, cutId: cutIdOf(cut, this.#options.maker) };
    this.#act(this.#proposer?.onPromise(from, round, { votedRound, ballot }, this.#nowMs));
  }

  #onDecide(from: MemberIndex, decision: Decision): void {
    const { view } = this;
    if (view === undefined) return;
    if (decision.cut.viewId !== view.id) {
      this.onEpoch(from, decision.epoch, this.#nowMs);
      return;
    }
    const cutId = cutIdOf(decision.cut, this.#options.maker);
    if (!isDecidedOnce(view, decision, cutId, this.#options.maker)) return;
    this.#history.push(decision);
    this.#adopt(nextView(view, decision.cut, cutId, this.#options.maker), decision);
  }

  #onPull(from: MemberIndex, epoch: number): void {
    if (this.view === undefined || epoch >= this.view.epoch || !this.#pulls.take(this.#nowMs)) return;
    const missed = epoch > 0 ? this.#history.after(epoch) : undefined;
    for (const decision of missed ?? []) this.#options.send(from, { type: 'view-decide', decision });
    if (missed !== undefined) return;
    const { lineage, id, members } = this.view;
    this.#options.send(from, { type: 'view-push', view: { lineage, epoch: this.view.epoch, id, members } });
  }

  /** Who is outside believes the view it is given; a member that missed too much, two members of its own view. */
  #onPush(from: MemberIndex, snapshot: ViewSnapshot): void {
    if (this.view !== undefined) {
      const isLater = snapshot.lineage === this.view.lineage && snapshot.epoch > this.view.epoch;
      if (!isLater) return;
      const isConfirmed = this.#jump?.id === snapshot.id && this.#jump.from !== from;
      if (this.isMember && !isConfirmed && this.view.members.length > 2) {
        if (this.view.member(from) === undefined) return;
        this.#jump = { id: snapshot.id, from };
        return;
      }
      this.#history.clear();
    }
    this.#adopt(viewOf(snapshot, this.#options.maker), undefined);
  }

  #adopt(view: View, decision: Decision | undefined): void {
    const wasMember = this.isMember;
    const isFirst = this.view === undefined;
    this.view = view;
    this.#acceptor = new Acceptor();
    this.#book = new AlertBook(view);
    this.#proposer = undefined;
    this.#attempts = 0;
    this.#undecided = undefined;
    this.#jump = undefined;
    this.#planner.reset();
    const added = new Set(decision?.cut.add.map(({ index }) => index));
    for (const member of decision?.cut.remove ?? [])
      if (!added.has(member.index)) this.#options.onRemoved(member);
    if (decision === undefined) this.#watch.onSnapshot(view);
    else this.#watch.onCut(decision.cut, view);
    this.#agenda[ALERT] = this.#watch.failed.size > 0 ? this.#nowMs : Number.POSITIVE_INFINITY;
    this.#agenda[PLAN] = this.#nowMs;
    const { lineage, epoch, id, members } = view;
    this.#options.emit({ type: 'view', view: { lineage, epoch, id, members }, isMember: this.isMember });
    if (!this.isMember && (wasMember || (!isFirst && decision === undefined)))
      this.#options.emit({ type: 'evicted', epoch });
  }

  #isVoting(): boolean {
    return this.isMember && this.#options.self().isVoter;
  }
}
