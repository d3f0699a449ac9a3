/**
 * When each part of a node wants its turn, in milliseconds of the node's clock; Infinity is never. One array for the whole
 * node: with nothing due, an event of one of ten thousand simulated nodes touches little else.
 */

/** News is told. */
export const GOSSIP = 0;
/** The protocol period's probe. */
export const PERIOD = 1;
/** The first deadline of a probe for others. */
export const RELAY = 2;
/** From here to `RETRY` a turn may come a little late, beside another one (`leewayPart`): the first deadline of an open probe, */
export const PROBE = 3;
/** the first suspicion that runs out, */
export const SUSPICION = 4;
/** the first accused member that did not answer. */
export const HEARSAY = 5;
export const SYNC = 6;
export const RETRY = 7;
export const ALERT = 8;
export const PLAN = 9;
export const JUDGE = 10;
export const LEAD = 11;
/** The moments below are kept beside those above, and are no reason to wake up: the first member to be forgotten, */
export const FORGET = 12;
/** the moment of the step, */
export const NOW = 13;
/** when this node expected its turn after the last step, */
export const EXPECTED = 14;
/** and when the driver will hand in a tick. */
export const WAKE = 15;
const ENTRIES = 16;

export type Agenda = Float64Array;

export function newAgenda(): Agenda {
  const agenda = new Float64Array(ENTRIES).fill(Number.POSITIVE_INFINITY);
  agenda[NOW] = 0;
  return agenda;
}

/** The first that is due from one entry to another, both included. */
export function firstMs(agenda: Agenda, from: number, to: number): number {
  let first = agenda[from]!;
  for (let entry = from + 1; entry <= to; entry++) if (agenda[entry]! < first) first = agenda[entry]!;
  return first;
}
