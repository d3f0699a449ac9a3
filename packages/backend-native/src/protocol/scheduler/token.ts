/**
 * The fencing token of an assignment: (epoch, counter), ordered by epoch, then by counter. The epoch grows with every
 * change of leader, so that a token made by a deposed head is always lower than any made after it.
 */
export interface FencingToken {
  readonly epoch: number;
  /** Counts assignments; unique within an epoch. */
  readonly counter: number;
}

/** Negative when `left` is older, positive when it is newer, 0 when they are the same. */
export function compareTokens(left: FencingToken, right: FencingToken): number {
  return left.epoch - right.epoch || left.counter - right.counter;
}

export function isSameToken(left: FencingToken | undefined, right: FencingToken): boolean {
  return left !== undefined && left.epoch === right.epoch && left.counter === right.counter;
}
