/** When a node in charge proposes a cut, and which: it waits for things to settle, so that many changes are one. */
import type { MemberIndex } from '../gossip/index.js';
import type { MemberTable } from '../gossip/member-table.js';
import type { ChangeWatch } from './change-watch.js';
import { type AlertBook, CUT_ADDITIONS_MAX, CUT_REMOVALS_MAX } from './evidence.js';
import type { Alert, Cut, ViewMember } from './types.js';
import { ALERTS_UNSURE, type View } from './view.js';

/** No news for this long means settled. */
const QUIET_MS = 500;
/** News may delay a cut this long at most. */
const BATCH_MS_MAX = 3000;
/** A member with some reports and not enough may delay it this long (Rapid waits for ever; a flapping link must not). */
const UNSURE_MS_MAX = 5000;
/** Each node further down the ranks waits this much longer for those before it. */
const STANDBY_MS = 1500;

export interface PlannedCut {
  readonly cut: Cut;
  readonly alerts: readonly Alert[];
}

export class CutPlanner {
  readonly #table: MemberTable;
  readonly #watch: ChangeWatch;
  #firstMs: number | undefined;
  #lastMs = 0;
  #seen = -1;

  constructor(table: MemberTable, watch: ChangeWatch) {
    this.#table = table;
    this.#watch = watch;
  }

  reset(): void {
    this.#firstMs = undefined;
    this.#seen = -1;
  }

  /** When to ask `plan` again; Infinity while nothing changed. @param charge 0 for the first in the ranks. */
  dueMs(book: AlertBook, charge: number, nowMs: number): number {
    const news = this.#watch.joiners.size + this.#watch.leavers.size + this.#reported(book);
    if (news === 0) {
      this.reset();
      return Number.POSITIVE_INFINITY;
    }
    if (news !== this.#seen) {
      this.#seen = news;
      this.#lastMs = nowMs;
      this.#firstMs ??= nowMs;
    }
    return Math.min(this.#firstMs! + BATCH_MS_MAX, this.#lastMs + QUIET_MS) + charge * STANDBY_MS;
  }

  /** The cut to propose now, or `undefined` when it had better wait. */
  plan(view: View, book: AlertBook, nowMs: number): PlannedCut | undefined {
    const subjects = book.subjects.filter((subject) => !this.#watch.leavers.has(subject));
    const certain = book.certain(subjects, this.#table);
    const isUnsure = subjects.some(
      (subject) => !certain.includes(subject) && book.countOn(subject, this.#table) >= ALERTS_UNSURE,
    );
    if (isUnsure && nowMs < (this.#firstMs ?? nowMs) + UNSURE_MS_MAX) return undefined;
    const failed = certain.slice(0, CUT_REMOVALS_MAX);
    const add = [...this.#watch.joiners].slice(0, CUT_ADDITIONS_MAX).map((index) => this.#asMember(index));
    const replaced = add.map(({ index }) => index).filter((index) => view.member(index) !== undefined);
    const gone = new Set<MemberIndex>([...failed, ...this.#watch.leavers, ...replaced]);
    const remove = [...gone].map((index) => view.member(index)!);
    if (add.length + remove.length === 0) return undefined;
    const needed = failed.filter((subject) => !replaced.includes(subject));
    return {
      cut: { viewId: view.id, add, remove },
      alerts: needed.flatMap((subject) => book.alertsOn(subject)),
    };
  }

  #reported(book: AlertBook): number {
    return book.subjects.reduce((sum, subject) => sum + book.countOn(subject, this.#table), 0);
  }

  #asMember(index: MemberIndex): ViewMember {
    const { id, boot, isVoter } = this.#table.record(index)!.record;
    return { index, id, boot, isVoter };
  }
}
