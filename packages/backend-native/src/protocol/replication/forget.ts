/**
 * Whether a head may be declared gone for ever. It is not waited for any more then; what only it has is lost, so that is
 * for a person to decide.
 */
import type { HeadPosition } from './position.js';
import { nameOfLog } from './takeover.js';

export interface ForgetFacts {
  /** The head that is said to be gone. */
  readonly name: string;
  /** The head that is asked. */
  readonly self: HeadPosition;
  readonly role: 'leader' | 'standby';
  /** Names of all heads there ever were. */
  readonly heads: readonly string[];
  /** As `TakeoverFacts` has it; what a leader is told does not count. */
  readonly inSync: readonly string[] | undefined;
  /** Heads that answered now, by name. */
  readonly answers: ReadonlyMap<string, HeadPosition>;
  /** Whether the loss of what only that head has is accepted. */
  readonly loss: 'refused' | 'accepted';
}

export type Forget =
  | { readonly type: 'forget'; readonly loss: 'none' | 'possible' }
  /** `alive`: nothing may be decided about it; `soon`: another head is about to lead; `loss`: it must be accepted. */
  | { readonly type: 'refuse'; readonly why: 'unknown' | 'alive' | 'soon' | 'loss'; readonly reason: string };

export function mayForget(facts: ForgetFacts): Forget {
  const { name, self, role, heads, answers } = facts;
  if (name === self.name || answers.has(name))
    return refuse('alive', `"${name}" answers: it is not gone. End its process first.`);
  if (!heads.includes(name)) return refuse('unknown', `No head is named "${name}".`);
  // A leader has everything that was acknowledged.
  return role === 'leader' ? { type: 'forget', loss: 'none' } : withoutLeader(facts);
}

function withoutLeader({ name, self, inSync, answers, loss }: ForgetFacts): Forget {
  const others = (inSync ?? []).filter((log) => nameOfLog(log) !== name);
  const here = others.find((log) => log === self.log || answers.get(nameOfLog(log))?.log === log);
  if (here !== undefined)
    return refuse('soon', `"${nameOfLog(here)}" has everything that was acknowledged and will lead.`);
  if (others.length > 0) return { type: 'forget', loss: 'none' };
  if (loss === 'accepted') return { type: 'forget', loss: 'possible' };
  const what =
    inSync === undefined
      ? `Nobody leads, and Redis lost which heads have everything: "${name}" may have acknowledged tasks that no other has.`
      : `Nobody leads, and "${name}" was the last that had everything: tasks that only it acknowledged are lost with it.`;
  return refuse('loss', what);
}

const refuse = (why: Extract<Forget, { type: 'refuse' }>['why'], reason: string): Forget => ({
  type: 'refuse',
  why,
  reason,
});
