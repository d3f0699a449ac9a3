/** What a member of gossip is started with. */
import type { Clock } from '@anant/core';
import type { GossipTuning } from '../../protocol/gossip/index.js';
import type { RawKeyPair } from '../security/key-pairs.js';
import type { Keyring } from './keyring.js';
import type { NodeMetadata } from './node-metadata.js';
import type { Admission, GossipIdentity, Revocations } from './signatures.js';
import type { BindAddress } from './udp-socket.js';

export interface GossipNodeOptions {
  /** Unique in the cluster; kept over restarts. */
  readonly id: string;
  /** Nodes of differently named clusters do not hear each other. @default 'anant' */
  readonly cluster?: string;
  /** @default 127.0.0.1, a port of the system's choice. Anything but loopback needs `admission`. */
  readonly bind?: BindAddress;
  /** `host:port` others reach this node at. @default the bound address */
  readonly advertise?: string;
  /** Shared keys, the same on every node. */
  readonly keyring: Keyring;
  /** Ed25519; the id is bound to it. @default a new pair: then a restart cannot come back under the same id */
  readonly identity?: RawKeyPair;
  /** Who may hold which id. @default the first key that claims an id keeps it */
  readonly admission?: {
    readonly admits: Admission;
    readonly ticket?: Uint8Array;
    readonly revocations?: Revocations;
  };
  /** Told of `renew`, which it calls whenever this node has another key, until the result is called. */
  readonly renewals?: (renew: (identity: GossipIdentity) => void) => () => void;
  /** `host:port` of nodes to ask at the start. Without any this node founds a new cluster. */
  readonly seeds?: readonly string[];
  /** Epoch of the first view of a founder: one that founds anew goes on from the epoch it knew. @default 1 */
  readonly firstEpoch?: number;
  /** Whether it counts in the quorum of a view. @default true */
  readonly isVoter?: boolean;
  readonly metadata?: Partial<NodeMetadata>;
  readonly tuning?: Partial<GossipTuning>;
  readonly clock?: Clock;
}
