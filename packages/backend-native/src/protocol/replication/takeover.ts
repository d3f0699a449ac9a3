/**
 * Who may lead: a head that has every acknowledged entry for certain. As in PacificA (Lin et al., 2008) and Kafka, the
 * set of those is kept outside of the heads, and a head that fell out of it may not take over. When the set itself was
 * lost, the log that goes furthest among all heads has everything, since the last leader is one of them.
 */
import { comparePositions, type HeadPosition } from './position.js';

export interface TakeoverFacts {
  readonly self: HeadPosition;
  /** Logs that have everything acknowledged, as the leader last had it written down; undefined when that was lost. */
  readonly inSync: readonly string[] | undefined;
  /** Names of all heads there ever were, this one included. */
  readonly heads: readonly string[];
  /** Heads that answered now, by name. */
  readonly answers: ReadonlyMap<string, HeadPosition>;
  /**
   * Heads declared gone for ever: they need not answer. One that does all the same counts. One whose own log says it of
   * itself waits until a leader has taken it back. @default none
   */
  readonly forgotten?: readonly string[];
}

export type Takeover = { readonly type: 'lead' } | { readonly type: 'wait'; readonly reason: string };

export const nameOfLog = (log: string): string => log.slice(0, log.lastIndexOf('/'));

export function mayLead({ self, inSync, heads, answers, forgotten = [] }: TakeoverFacts): Takeover {
  if (inSync?.includes(self.log)) return { type: 'lead' };
  // The others do not wait for it: what it acknowledged alone, they would not know of.
  if (forgotten.includes(self.name))
    return wait('It was declared gone for ever, and waits until a head that leads has taken it back.');
  const waits = inSync?.find((log) => !isLogLost(log, self, answers));
  if (waits !== undefined) return wait(`"${nameOfLog(waits)}" has entries that this head lacks.`);
  const everyone = new Set([...heads, ...(inSync ?? []).map(nameOfLog)]);
  for (const name of everyone) {
    if (name === self.name) continue;
    const other = answers.get(name);
    if (other === undefined && forgotten.includes(name)) continue;
    if (other === undefined)
      return wait(`"${name}" does not answer, and may have entries that this head lacks.`);
    if (comparePositions(other, self) > 0) return wait(`The log of "${name}" goes further.`);
  }
  return { type: 'lead' };
}

/** Its head is there and has another log: what it had is gone, so nothing is gained by waiting for it. */
function isLogLost(log: string, self: HeadPosition, answers: ReadonlyMap<string, HeadPosition>): boolean {
  const name = nameOfLog(log);
  const head = name === self.name ? self : answers.get(name);
  return head !== undefined && head.log !== log;
}

const wait = (reason: string): Takeover => ({ type: 'wait', reason });
