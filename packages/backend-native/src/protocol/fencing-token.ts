/**
 * Fencing tokens: (epoch, counter), ordered by epoch first. The epoch is kept outside the store that counts, so that
 * tokens go on growing when the store loses its data.
 */
export interface FencingToken {
  /** Raised at every change of leader and whenever the store may have lost data. */
  readonly epoch: number;
  readonly counter: number;
}

/** Below 0 when `left` is older, 0 when equal, above 0 when newer. */
export function compareTokens(left: FencingToken, right: FencingToken): number {
  return left.epoch - right.epoch || left.counter - right.counter;
}

export function isSameToken(left: FencingToken | undefined, right: FencingToken): boolean {
  return left !== undefined && left.epoch === right.epoch && left.counter === right.counter;
}

/** `epoch.counter`, for logs and messages. */
export const tokenText = ({ epoch, counter }: FencingToken): string => `${epoch}.${counter}`;

/** The resource's side of fencing: keeps the highest token seen and refuses lower ones. */
export class FenceGate {
  #highest: FencingToken | undefined;

  /** @param highest the token kept from before a restart, if the resource outlives its process. */
  constructor(highest?: FencingToken) {
    this.#highest = highest;
  }

  get highest(): FencingToken | undefined {
    return this.#highest;
  }

  check(token: FencingToken): 'accepted' | 'stale' {
    if (this.#highest && compareTokens(token, this.#highest) < 0) return 'stale';
    this.#highest = token;
    return 'accepted';
  }
}
