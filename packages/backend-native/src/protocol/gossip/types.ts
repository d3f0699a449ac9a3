/** What the gossip protocol says, hears and asks of its driver. Members are numbers of a `Directory`; no bytes here. */

/** Number of a member in the directory of this process. */
export type MemberIndex = number;

export type MemberStatus = 'unknown' | 'alive' | 'suspect' | 'dead' | 'left' | 'barred';

/** What a node says of itself. The protocol reads the first four; `metadata` is the driver's. */
export interface MemberRecord {
  readonly id: string;
  readonly address: string;
  /** Drawn anew by every process, and by one that rejoins after an eviction. 1 to 2^48 - 1. */
  readonly boot: number;
  /** Whether it counts in the quorum of a view. */
  readonly isVoter: boolean;
  readonly metadata: unknown;
}

/** A signed statement carries its author's signature here; the driver writes and checks it. */
export interface Signed {
  proof?: Uint8Array;
}

/** "I am here", signed by the subject. A higher (incarnation, version) replaces a lower one. */
export interface AliveUpdate extends Signed {
  readonly type: 'alive';
  readonly subject: MemberIndex;
  /** 1 to 2^32 - 1. Only the subject raises it. */
  readonly incarnation: number;
  /** Counts changes of the metadata within an incarnation. */
  readonly version: number;
  readonly record: MemberRecord;
  /** Equal for equal contents only: two digests of one (boot, incarnation, version) are proof of equivocation. */
  readonly digest: string;
  /** Size on the wire, for packing. */
  readonly bytes: number;
}

/** "I could not reach it", signed by the author. `dead` is plain SWIM's confirmation; the cut protocol sends none. */
export interface AccusationUpdate extends Signed {
  readonly type: 'suspect' | 'dead';
  readonly subject: MemberIndex;
  readonly incarnation: number;
  readonly author: MemberIndex;
}

/** "I leave", signed by the subject. */
export interface LeftUpdate extends Signed {
  readonly type: 'left';
  readonly subject: MemberIndex;
  readonly incarnation: number;
  readonly boot: number;
}

/** Two different statements signed by one node for one moment: whoever holds it can convince anyone. */
export interface EquivocationUpdate {
  readonly type: 'equivocation';
  readonly subject: MemberIndex;
  readonly first: AliveUpdate;
  readonly second: AliveUpdate;
}

export type Update = AliveUpdate | AccusationUpdate | LeftUpdate | EquivocationUpdate;

export type GossipMessage =
  | {
      readonly type: 'ping' | 'ack';
      readonly sequence: number;
      readonly epoch: number;
      readonly updates: readonly Update[];
    }
  | {
      readonly type: 'ping-request';
      readonly sequence: number;
      readonly target: MemberIndex;
      readonly updates: readonly Update[];
    }
  | { readonly type: 'nack'; readonly sequence: number }
  | { readonly type: 'gossip'; readonly updates: readonly Update[] }
  /** Asks for what differs. `digest` has one word per bucket of members. */
  | { readonly type: 'offer'; readonly digest: Uint32Array; readonly updates: readonly Update[] }
  /** Part of an answer to an offer; the last one carries the sender's digest, so that the other can send back. */
  | {
      readonly type: 'entries';
      readonly updates: readonly Update[];
      readonly digest: Uint32Array | undefined;
    };

export type GossipEvent =
  /** Begins probing and, with seeds, joining. Addresses are the driver's. */
  | { readonly type: 'start'; readonly seeds: readonly string[] }
  | { readonly type: 'message'; readonly from: MemberIndex; readonly message: GossipMessage }
  | { readonly type: 'tick' }
  /** Something else heard of the node, or saw it fail, such as a closed control stream: probe it now. */
  | { readonly type: 'probe'; readonly subject: MemberIndex }
  | { readonly type: 'metadata'; readonly metadata: unknown }
  /** It may not belong any more: dead here, until it shows that it may again. */
  | { readonly type: 'expel'; readonly subject: MemberIndex }
  | { readonly type: 'leave' }
  /** Compare knowledge with a peer. */
  | { readonly type: 'sync'; readonly peer: MemberIndex }
  /** The view went on without this node: come back under a new boot and incarnation. */
  | { readonly type: 'rejoin' };

export type GossipEffect<Message = GossipMessage> =
  | { readonly type: 'send'; readonly to: MemberIndex; readonly message: Message }
  | { readonly type: 'send-address'; readonly address: string; readonly message: Message }
  | {
      readonly type: 'status';
      readonly subject: MemberIndex;
      readonly status: MemberStatus;
      readonly incarnation: number;
      /** Who said so: this node's own timer and probes, or what it was told. */
      readonly by: 'self' | 'gossip';
    }
  | { readonly type: 'metadata'; readonly subject: MemberIndex };
