/** When a cut is justified: who was reported by enough of those assigned to observe it, and was not seen since. */
import type { MemberIndex } from '../gossip/index.js';
import type { MemberTable } from '../gossip/member-table.js';
import type { Alert, Cut, ViewMember } from './types.js';
import { ALERTS_UNSURE, type View } from './view.js';

/** Alerts one proposal carries: `RINGS` for each of as many failures; more failures wait for the next cut. */
export const CUT_REMOVALS_MAX = 64;
/** Members one cut adds; more wait for the next. */
export const CUT_ADDITIONS_MAX = 2048;

/** Alerts by subject, of one view, each author once. */
export class AlertBook {
  readonly #view: View;
  readonly #alerts = new Map<MemberIndex, Map<MemberIndex, Alert>>();

  constructor(view: View, alerts: readonly Alert[] = []) {
    this.#view = view;
    for (const alert of alerts) this.add(alert);
  }

  get subjects(): readonly MemberIndex[] {
    return [...this.#alerts.keys()];
  }

  /** @returns Whether it is new: of this view, about a member, by one of its observers. */
  add(alert: Alert): boolean {
    const { viewId, subject, boot, author } = alert;
    if (viewId !== this.#view.id || !this.#view.has(subject, boot)) return false;
    if (!this.#view.observersOf(subject).includes(author)) return false;
    const told = this.#alerts.get(subject) ?? new Map<MemberIndex, Alert>();
    const known = told.get(author);
    if (known !== undefined && known.incarnation >= alert.incarnation) return false;
    told.set(author, alert);
    this.#alerts.set(subject, told);
    return true;
  }

  drop(subject: MemberIndex): void {
    this.#alerts.delete(subject);
  }

  alertsOn(subject: MemberIndex): readonly Alert[] {
    return [...(this.#alerts.get(subject)?.values() ?? [])];
  }

  /** Alerts on the subject that its newer incarnation has not refuted, or all without a table. */
  countOn(subject: MemberIndex, table: MemberTable | undefined): number {
    // Who is dead for this node too cannot have refuted them; its last words may not have reached every observer.
    const known = table?.isReachable(subject) ? table.incarnation(subject) : 0;
    return this.alertsOn(subject).filter(({ incarnation }) => incarnation >= known).length;
  }

  /**
   * Of `candidates`, those with enough reports. A failed observer cannot report, so one that is itself among the
   * failed counts for the others (Rapid's implicit alerts); each still needs `ALERTS_UNSURE` real ones.
   */
  certain(candidates: readonly MemberIndex[], table: MemberTable | undefined): readonly MemberIndex[] {
    const counts = new Map(candidates.map((subject) => [subject, this.countOn(subject, table)]));
    const enough = (subject: MemberIndex) => this.#view.alertsEnough(subject);
    const base = (subject: MemberIndex) => Math.min(ALERTS_UNSURE, enough(subject));
    let failed = candidates.filter((subject) => counts.get(subject)! >= base(subject));
    for (let before = -1; before !== failed.length; ) {
      before = failed.length;
      const isFailed = new Set(failed);
      failed = failed.filter((subject) => {
        const reporters = new Set(this.#alerts.get(subject)?.keys());
        const silent = this.#view
          .observersOf(subject)
          .filter((observer) => isFailed.has(observer) && !reporters.has(observer));
        return counts.get(subject)! + silent.length >= enough(subject);
      });
    }
    return failed;
  }
}

/** Why a voter does not vote for a cut now: `behind` may change when it learns more, `refused` will not. */
export type Verdict = 'justified' | 'behind' | 'refused';

export interface Proposed {
  readonly cut: Cut;
  readonly alerts: readonly Alert[];
  readonly round: number;
}

/** Judges a proposed cut by what this node itself knows and the alerts that came along. */
export function judge(view: View, { cut, alerts, round }: Proposed, table: MemberTable): Verdict {
  if (cut.add.length > CUT_ADDITIONS_MAX || cut.viewId !== view.id) return 'refused';
  if (cut.add.length + cut.remove.length === 0) return 'refused';
  for (const { index, boot } of cut.remove) if (!view.has(index, boot)) return 'refused';
  const removed = new Set(cut.remove.map(({ index }) => index));
  if (removed.size !== cut.remove.length) return 'refused';
  for (const member of cut.add) {
    if (view.member(member.index) !== undefined && !removed.has(member.index)) return 'refused';
    if (!isThere(member, table) && !(round > 0 && wasThere(member, view, table))) return 'behind';
  }
  const book = new AlertBook(view, alerts);
  const added = new Set(cut.add.map(({ index }) => index));
  const failed = cut.remove
    .filter((member) => !added.has(member.index) && !isOver(member, table))
    .map(({ index }) => index);
  // What may have won the first round cannot be taken back by a refutation: later rounds must propose it.
  const certain = new Set(book.certain([...removed], round > 0 ? undefined : table));
  const unproved = failed.filter((index) => !certain.has(index));
  if (unproved.length === 0) return 'justified';
  // Whoever was reported by nobody must have left by its own word, which may still be on its way.
  return unproved.every((index) => book.alertsOn(index).length === 0) ? 'behind' : 'refused';
}

/**
 * A round after the first must propose what may have won the first, although a member in it may have begun another life
 * since. It may be added all the same, unless that takes the life it has now out of the view; the next cut takes that in.
 */
function wasThere({ index, isVoter }: ViewMember, view: View, table: MemberTable): boolean {
  const record = table.record(index)?.record;
  return record !== undefined && record.isVoter === isVoter && !view.has(index, record.boot);
}

/** Whether the member itself ended that life: it left, or has begun another one. */
function isOver({ index, boot }: ViewMember, table: MemberTable): boolean {
  const record = table.record(index)?.record;
  return table.status(index) === 'left' || (record !== undefined && record.boot !== boot);
}

/** Whether this node knows the member in just that life; should it be gone again, the next cut removes it. */
function isThere({ index, boot, isVoter }: ViewMember, table: MemberTable): boolean {
  const record = table.record(index)?.record;
  return record?.boot === boot && record.isVoter === isVoter;
}
