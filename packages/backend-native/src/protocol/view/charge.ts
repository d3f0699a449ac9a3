/** Who collects alerts and may lead a cut. */
import type { MemberIndex } from '../gossip/index.js';
import type { MemberTable } from '../gossip/member-table.js';
import type { ViewMember } from './types.js';
import type { View } from './view.js';

const IN_CHARGE = 3;

/** The first voters in the ranks that are reachable in the life that the view has. */
export function inCharge(view: View, selfIndex: MemberIndex, table: MemberTable): readonly ViewMember[] {
  const chosen: ViewMember[] = [];
  for (const member of view.ranks) {
    const { index, boot } = member;
    const isThere = table.isReachable(index) && table.record(index)?.record.boot === boot;
    if (index === selfIndex || isThere) chosen.push(member);
    if (chosen.length === IN_CHARGE) break;
  }
  return chosen;
}
