/** What gossip knows and the view does not yet: who came, who left, who cannot be reached. */
import type { MemberIndex } from '../gossip/index.js';
import { type MemberTable, UNKNOWN } from '../gossip/member-table.js';
import type { Cut } from './types.js';
import type { View } from './view.js';

export class ChangeWatch {
  /** Reachable, and not in the view in this life. */
  readonly joiners = new Set<MemberIndex>();
  /** In the view, and gone by their own word. */
  readonly leavers = new Set<MemberIndex>();
  /** In the view, and dead or barred as this node sees it. */
  readonly failed = new Set<MemberIndex>();
  readonly #table: MemberTable;

  constructor(table: MemberTable) {
    this.#table = table;
  }

  /** Files a member by what is known of it now. */
  file(index: MemberIndex, view: View): void {
    const member = view.member(index);
    const status = this.#table.status(index);
    const isReachable = this.#table.isReachable(index);
    const boot = this.#table.record(index)?.record.boot;
    set(this.joiners, index, isReachable && boot !== undefined && !view.has(index, boot));
    set(this.leavers, index, member !== undefined && status === 'left');
    set(this.failed, index, member !== undefined && (status === 'dead' || status === 'barred'));
  }

  /** Files whom a cut moved. */
  onCut(cut: Cut, view: View): void {
    for (const { index } of cut.remove) this.file(index, view);
    for (const { index } of cut.add) this.file(index, view);
  }

  /** Files everyone, when a view was not reached step by step. */
  onSnapshot(view: View): void {
    for (const members of [this.joiners, this.leavers, this.failed]) members.clear();
    for (let index = 0; index < this.#table.size; index++) {
      if (this.#table.code(index) === UNKNOWN) continue;
      const boot = this.#table.record(index)?.record.boot;
      const isSettled = boot !== undefined && this.#table.isReachable(index) && view.has(index, boot);
      if (!isSettled) this.file(index, view);
    }
  }
}

function set(members: Set<MemberIndex>, index: MemberIndex, isIn: boolean): void {
  if (isIn) members.add(index);
  else members.delete(index);
}
