/**
 * Credit-based flow control of one stream, as pure steps. The receiver says up to which chunk the sender may go; the
 * limit is absolute, so a repeated or late grant changes nothing. Chunks are numbered from 0 without gaps.
 */

export interface SenderFlow {
  /** Number of the next chunk. */
  readonly next: number;
  /** Chunks below this number may be sent. */
  readonly limit: number;
}

export const newSenderFlow = (): SenderFlow => ({ next: 0, limit: 0 });

/** @returns the state after one chunk was sent, or `undefined` when there is no credit: wait. */
export function takeCredit(flow: SenderFlow): SenderFlow | undefined {
  return flow.next < flow.limit ? { ...flow, next: flow.next + 1 } : undefined;
}

/** A grant never takes back what an earlier one gave. */
export function grantCredit(flow: SenderFlow, limit: number): SenderFlow {
  return Number.isSafeInteger(limit) && limit > flow.limit ? { ...flow, limit } : flow;
}

export interface ReceiverFlow {
  /** Chunks the sender may be ahead of the reader: what the receiver has memory for. */
  readonly window: number;
  /** Number of the chunk that comes next. */
  readonly expected: number;
  readonly consumed: number;
  /** The limit last granted. */
  readonly granted: number;
}

/** @throws TypeError unless the window is a whole number above 0. */
export function newReceiverFlow(window: number): ReceiverFlow {
  if (!Number.isSafeInteger(window) || window < 1)
    throw new TypeError(`A window of ${window} chunks is none.`);
  return { window, expected: 0, consumed: 0, granted: window };
}

export type Arrival = 'accept' | 'repeated' | 'gap' | 'beyond-credit';

/** Judges a chunk that arrived; only an accepted one changes the state. */
export function arrive(flow: ReceiverFlow, number: number): readonly [ReceiverFlow, Arrival] {
  if (number < flow.expected) return [flow, 'repeated'];
  if (number > flow.expected) return [flow, 'gap'];
  if (number >= flow.granted) return [flow, 'beyond-credit'];
  return [{ ...flow, expected: flow.expected + 1 }, 'accept'];
}

/**
 * The reader took one chunk.
 * @returns the limit to grant, when half the window is free again: a grant for every chunk would double the messages.
 */
export function consume(flow: ReceiverFlow): readonly [ReceiverFlow, number | undefined] {
  const consumed = flow.consumed + 1;
  const limit = consumed + flow.window;
  if (limit - flow.granted < Math.ceil(flow.window / 2)) return [{ ...flow, consumed }, undefined];
  return [{ ...flow, consumed, granted: limit }, limit];
}
