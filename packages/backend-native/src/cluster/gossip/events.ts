/** What a gossip node tells the program around it. */
import type { MemberStatus } from '../../protocol/gossip/index.js';
import type { ViewSnapshot } from '../../protocol/view/index.js';
import type { NodeMetadata } from './node-metadata.js';

/** One node as this node sees it. */
export interface MemberInfo {
  readonly id: string;
  readonly address: string;
  readonly boot: number;
  readonly isVoter: boolean;
  readonly status: MemberStatus;
  readonly incarnation: number;
  readonly metadata: NodeMetadata;
  /** Smoothed round trip, in milliseconds, when it was measured. */
  readonly roundTripMs: number | undefined;
}

export type GossipNodeEvent =
  /** Alive for the first time, again, or under a new boot. */
  | { readonly type: 'join'; readonly member: MemberInfo }
  | { readonly type: 'suspect'; readonly member: MemberInfo }
  /** Not reachable, as far as this node can tell: evidence, no decision. */
  | { readonly type: 'dead'; readonly member: MemberInfo }
  /** It said good-bye. */
  | { readonly type: 'leave'; readonly member: MemberInfo }
  /** It was caught saying two things at once. */
  | { readonly type: 'barred'; readonly member: MemberInfo }
  | { readonly type: 'metadata'; readonly member: MemberInfo }
  /** A decision: who belongs to the cluster from this epoch on. */
  | {
      readonly type: 'view';
      readonly view: ViewSnapshot;
      readonly isMember: boolean;
      readonly hasQuorum: boolean;
    }
  /** The others went on without this node; it comes back by itself under a new boot. */
  | { readonly type: 'evicted'; readonly epoch: number };

/** What is told when gossip says this of a member. */
export const EVENT_OF_STATUS = {
  unknown: undefined,
  alive: 'join',
  suspect: 'suspect',
  dead: 'dead',
  left: 'leave',
  barred: 'barred',
} as const;

export type GossipListener = (event: GossipNodeEvent) => void;

/** Frames and bytes since the start; `dropped` by reason. */
export interface GossipCounts {
  readonly framesSent: number;
  readonly bytesSent: number;
  readonly framesReceived: number;
  readonly bytesReceived: number;
  readonly dropped: Readonly<Record<string, number>>;
}
