/** Suspicion, refutation and verdicts (SWIM section 4.2, Lifeguard's LHA-suspicion). */

import { Accusers } from './accusers.js';
import { SUSPICION } from './agenda.js';
import type { Core } from './core.js';
import { Hearsay } from './hearsay.js';
import { ALIVE, DEAD, SUSPECT } from './member-table.js';
import { addAccuser, type Suspicion, suspicionMs } from './suspicion.js';
import type { AccusationUpdate, AliveUpdate, MemberIndex } from './types.js';

/** Own probes failed one after the other that make a node doubt itself. */
const DOUBT_FAILURES = 2;
/** Times an accused member is asked before an accusation by others is believed. */
const QUESTIONS = 2;
/** Failed members whose accusation is kept, to tell them when they come back; the oldest goes first. */
const EVIDENCE_MAX = 1024;

export class Suspector {
  readonly #core: Core;
  readonly #ask: (subject: MemberIndex) => number;
  readonly #accusers: Accusers;
  readonly #suspicions = new Map<MemberIndex, Suspicion & { evidence: AccusationUpdate }>();
  readonly #dead = new Map<MemberIndex, AccusationUpdate>();
  readonly #hearsay: Hearsay;

  /** @param ask Probes a suspect once more. @returns How long to wait for it, in milliseconds. */
  constructor(core: Core, ask: (subject: MemberIndex) => number) {
    this.#core = core;
    this.#ask = ask;
    this.#accusers = new Accusers(core.tuning);
    this.#hearsay = new Hearsay(core.agenda);
  }

  /** What a member must refute to be well again. */
  evidenceOf(subject: MemberIndex): AccusationUpdate | undefined {
    if (this.#core.table.code(subject) === ALIVE) return undefined;
    return this.#suspicions.get(subject)?.evidence ?? this.#dead.get(subject);
  }

  get deadCount(): number {
    return this.#dead.size;
  }

  /** A dead member by chance, for another try to reach it. */
  randomDead(): MemberIndex | undefined {
    const subjects = [...this.#dead.keys()];
    return subjects[Math.floor(this.#core.random() * subjects.length)];
  }

  /** This node's own probe of the subject failed. */
  accuse(subject: MemberIndex): void {
    const { table, selfIndex } = this.#core;
    if (!table.isReachable(subject)) return;
    this.#hear(
      { type: 'suspect', subject, incarnation: table.incarnation(subject), author: selfIndex },
      'self',
    );
  }

  /** Not heard any more, for whatever reason: nothing is left to find out. */
  expel(subject: MemberIndex): void {
    const { table, selfIndex } = this.#core;
    if (!table.isReachable(subject) || subject === selfIndex) return;
    this.clear(subject, 'gone');
    this.#bury(
      { type: 'suspect', subject, incarnation: table.incarnation(subject), author: selfIndex },
      'self',
    );
  }

  onAccusation(update: AccusationUpdate): void {
    const { table, tuning, selfIndex } = this.#core;
    if (update.subject === selfIndex) {
      this.#refute(update);
      return;
    }
    // What this node said itself once is no news to it.
    if (update.author === selfIndex) return;
    if (!table.isReachable(update.subject)) return;
    const known = table.incarnation(update.subject);
    const isPlain = tuning.verdict === 'announce';
    if (update.incarnation < known) return;
    // An incarnation nobody announced is invented; plain SWIM has no such defence.
    if (!isPlain && update.incarnation > known) return;
    if (update.type === 'suspect') this.#hear(update, 'gossip');
    else if (isPlain) this.#bury(update, 'gossip');
  }

  /** The subject showed itself with a newer incarnation, left, or was removed: nothing is left to suspect. */
  clear(subject: MemberIndex, how: 'refuted' | 'gone'): void {
    const suspicion = this.#suspicions.get(subject);
    this.#hearsay.drop(subject);
    if (how === 'refuted')
      for (const accuser of suspicion?.accusers ?? []) this.#accusers.refute(accuser, this.#core.nowMs);
    this.#dead.delete(subject);
    if (this.#suspicions.delete(subject)) this.#findNext();
  }

  /** A member answered itself: whoever accused it is wrong, and nobody need hear of it. */
  onAnswerOf(subject: MemberIndex): void {
    const denied = this.#hearsay.drop(subject);
    if (denied !== undefined) this.#accusers.refute(denied.author, this.#core.nowMs);
  }

  /** A probe of this node was answered. After doubting itself, it gives those it suspected the whole time again. */
  onAnswered(): void {
    const hadDoubt = this.#isDoubtful();
    this.#core.failedInRow = 0;
    if (!hadDoubt) return;
    for (const suspicion of this.#suspicions.values()) {
      suspicion.startMs = this.#core.nowMs;
      suspicion.isAsked = false;
      this.#schedule(suspicion);
    }
    this.#findNext();
  }

  /** This process stood still: suspects could not have been heard meanwhile. */
  shift(byMs: number): void {
    for (const suspicion of this.#suspicions.values()) {
      suspicion.startMs += byMs;
      suspicion.deadlineMs += byMs;
    }
    this.#core.agenda[SUSPICION]! += byMs;
    this.#hearsay.shift(byMs);
  }

  tick(): void {
    for (const { update, asked } of this.#hearsay.takeDue(this.#core.nowMs)) {
      if (!this.#core.table.isReachable(update.subject)) continue;
      // One question may be lost.
      if (asked < QUESTIONS) this.#askAbout(update, asked + 1);
      else this.#suspect(update, 'gossip');
    }
    if (this.#core.nowMs < this.#core.agenda[SUSPICION]!) return;
    const isDoubtful = this.#isDoubtful();
    for (const suspicion of this.#suspicions.values()) {
      if (suspicion.deadlineMs > this.#core.nowMs) continue;
      if (isDoubtful) suspicion.deadlineMs = this.#core.nowMs + this.#core.tuning.intervalMs;
      else if (this.#core.tuning.lastWord === 'on' && !suspicion.isAsked) {
        suspicion.isAsked = true;
        suspicion.deadlineMs = this.#core.nowMs + this.#ask(suspicion.subject);
      } else this.#bury(this.#verdict(suspicion), 'self');
    }
    this.#findNext();
  }

  #hear(update: AccusationUpdate, by: 'self' | 'gossip'): void {
    const { nowMs, selfIndex, tuning } = this.#core;
    const open = this.#suspicions.get(update.subject);
    if (open !== undefined) {
      const isEnough = open.accusers.length > tuning.confirmations;
      if (isEnough || open.accusers.includes(update.author)) return;
      if (update.author !== selfIndex && !this.#accusers.isHeard(update.author, nowMs)) return;
      addAccuser(open, update.author);
      // The first few independent accusations travel on, so that everybody's timer shortens (Lifeguard IV-B).
      this.#core.queue.push(update);
      this.#schedule(open);
      this.#dueBy(open.deadlineMs);
      return;
    }
    if (update.author === selfIndex) this.#hearsay.drop(update.subject);
    else if (tuning.hearsay === 'ask' && !this.#hearsay.isWanted(update.subject)) return;
    else if (!this.#accusers.isHeard(update.author, nowMs)) return;
    else if (tuning.hearsay === 'ask') {
      this.#askAbout(update, 1);
      return;
    }
    this.#suspect(update, by);
  }

  #askAbout(update: AccusationUpdate, asked: number): void {
    this.#hearsay.add({ update, asked, deadlineMs: this.#core.nowMs + this.#ask(update.subject) });
  }

  #suspect(update: AccusationUpdate, by: 'self' | 'gossip'): void {
    const { table, nowMs } = this.#core;
    if (update.incarnation < table.incarnation(update.subject)) return;
    table.setCode(update.subject, SUSPECT, update.incarnation);
    const { subject, incarnation, author } = update;
    const suspicion = {
      subject,
      incarnation,
      startMs: nowMs,
      deadlineMs: 0,
      isAsked: false,
      accusers: [author],
      evidence: update,
    };
    this.#suspicions.set(subject, suspicion);
    this.#schedule(suspicion);
    this.#dueBy(suspicion.deadlineMs);
    this.#core.queue.push(update);
    this.#core.status(subject, by);
  }

  #verdict(suspicion: Suspicion): AccusationUpdate {
    const { subject, incarnation } = suspicion;
    return { type: 'dead', subject, incarnation, author: this.#core.selfIndex };
  }

  #bury(update: AccusationUpdate, by: 'self' | 'gossip'): void {
    const { table, tuning, queue } = this.#core;
    const evidence = this.#suspicions.get(update.subject)?.evidence ?? update;
    this.#suspicions.delete(update.subject);
    this.#dead.set(update.subject, tuning.verdict === 'announce' ? update : evidence);
    if (this.#dead.size > EVIDENCE_MAX) this.#dead.delete(this.#dead.keys().next().value!);
    table.setCode(update.subject, DEAD, update.incarnation);
    if (tuning.verdict === 'announce') queue.push(update);
    this.#core.status(update.subject, by);
  }

  #refute(update: AccusationUpdate): void {
    const { self, tuning, hasLeft, nowMs } = this.#core;
    const isCurrent = update.incarnation === self.incarnation;
    if (hasLeft || update.incarnation < self.incarnation) return;
    if (!isCurrent && tuning.verdict !== 'announce') return;
    // Who believes it says so when it asks, or answers: what only goes around needs no word.
    if (tuning.hearsay === 'ask' && this.#core.pingedBy === undefined) return;
    // Answering every lie would be the liar's amplifier. Whoever believes a muted one still asks before its verdict.
    const isAsked = this.#core.pingedBy !== undefined && this.#core.pingedBy !== update.author;
    if (this.#accusers.isMuted(update.author, nowMs) && !isAsked) return;
    this.#accusers.refute(update.author, nowMs);
    this.#core.health.change(1);
    this.#core.announce({ incarnation: update.incarnation + 1, version: self.version, record: self.record });
  }

  /** Others seem well, yet none of them answers: the fault is likely here. */
  #isDoubtful(): boolean {
    if (this.#core.tuning.selfDoubt === 'off' || this.#core.failedInRow < DOUBT_FAILURES) return false;
    return this.#core.randomMembers(1, (index) => this.#core.isUnsuspected(index)).length > 0;
  }

  #schedule(suspicion: Suspicion): void {
    if (suspicion.isAsked) return;
    const { tuning, table } = this.#core;
    suspicion.deadlineMs =
      suspicion.startMs + suspicionMs(tuning, table.reachable, suspicion.accusers.length);
  }

  #dueBy(deadlineMs: number): void {
    const { agenda } = this.#core;
    agenda[SUSPICION] = Math.min(agenda[SUSPICION]!, deadlineMs);
  }

  #findNext(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { deadlineMs } of this.#suspicions.values()) next = Math.min(next, deadlineMs);
    this.#core.agenda[SUSPICION] = next;
  }
}

/** Whether an alive statement says something newer than what is known of a member that is or was there. */
export function isNewer(update: AliveUpdate, code: number, known: number, version: number): boolean {
  if (update.incarnation !== known) return update.incarnation > known;
  return (code === ALIVE || code === SUSPECT) && update.version > version;
}
