/** What simulated heads say to each other. */
import type { HeadPosition } from '../../../protocol/replication/index.js';
import type { StreamPacket } from '../stream.js';
import type { RedisReply } from './redis-client.js';

/** From a standby to the leader. */
export type FollowWord =
  | { readonly type: 'from'; readonly position: HeadPosition }
  | { readonly type: 'followed'; readonly index: number };

/** From the leader to a standby. */
export type LeadWord =
  | { readonly type: 'follow'; readonly epoch: number }
  | { readonly type: 'append'; readonly epoch: number; readonly entries: readonly Uint8Array[] }
  | {
      readonly type: 'snapshot';
      readonly epoch: number;
      readonly entry: Uint8Array;
      /** For the oracle alone. */
      readonly epochs: readonly number[];
    };

export type HeadMessage =
  | { readonly channel: 'follow'; readonly packet: StreamPacket }
  | { readonly channel: 'feed'; readonly packet: StreamPacket }
  | { readonly channel: 'ask'; readonly request: number; readonly promise: number }
  | {
      readonly channel: 'answer';
      readonly request: number;
      readonly position: HeadPosition;
      readonly promised: number;
      readonly fenced: number;
    }
  | RedisReply;
