/**
 * How an object goes to one that asks for it: a pure rule of what it is, how large it is and how many want it.
 * The order is that of docs/native-cluster.md, tier 3.
 */

export interface TransferRequest {
  /** Bytes of the buffers that are large enough for chunks. */
  readonly chunkedBytes: number;
  /** Whether holder and reader share memory: same machine, same user. */
  readonly machine: 'same' | 'other';
  /** Others that read this object from the holder at the moment. */
  readonly readers: number;
  /** Nodes that have got a copy of it from the holder. */
  readonly copies: number;
  /** `holder`: the reader wants it from this holder and no other. */
  readonly from: 'anyone' | 'holder';
}

export type TransferChoice =
  /** One answer holds everything. */
  | { readonly pattern: 'request-reply'; readonly medium: 'frames' }
  /** Chunks, as many ahead as the reader gives credits for. */
  | { readonly pattern: 'dealer-router'; readonly medium: 'memory' | 'frames' }
  /** The reader asks a node that has a copy: many readers become a tree. */
  | { readonly pattern: 'refer' };

/** Readers of one object that a holder serves at once while others could. */
export const READERS_MAX = 2;

export function pickTransfer(request: TransferRequest): TransferChoice {
  const { chunkedBytes, machine, readers, copies, from } = request;
  if (chunkedBytes === 0) return { pattern: 'request-reply', medium: 'frames' };
  if (from === 'anyone' && copies > 0 && readers >= READERS_MAX) return { pattern: 'refer' };
  return { pattern: 'dealer-router', medium: machine === 'same' ? 'memory' : 'frames' };
}
