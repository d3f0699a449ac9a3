/** How processes of a cluster get into its gossip: by an invitation that the control plane brings, and nothing else. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { GossipTuning } from '../../protocol/gossip/index.js';
import { checkPlain } from '../control/security.js';
import type { GossipInvitation } from '../proto/anant/v1/common.js';
import { keyPairOf, type RawKeyPair } from '../security/key-pairs.js';
import type { NodeSecurity } from '../security/node-security.js';
import { certificateAdmission, certificateRenewals } from './certificate-admission.js';
import { GossipNode } from './gossip-node.js';
import type { GossipNodeOptions } from './gossip-node-options.js';
import { KEY_BYTES, Keyring } from './keyring.js';
import type { NodeMetadata } from './node-metadata.js';

/** What a process brings along itself. */
export interface GossipGuest {
  /** Unique in the cluster; with certificates the id in this node's. */
  readonly id: string;
  /** Interface to listen on. Beyond this machine only with certificates. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `host:port` others reach it at. @default the address it listens on */
  readonly advertise?: string;
  readonly security?: NodeSecurity;
  readonly metadata: Partial<NodeMetadata>;
  readonly tuning?: Partial<GossipTuning>;
}

/** A cluster of one, to which others can be invited. Its seeds are filled in when its first node listens. */
export function newFounding(): GossipInvitation {
  return {
    founding: randomUUID(),
    seeds: [],
    keys: [Buffer.from(Keyring.newKey())],
    secret: randomBytes(KEY_BYTES),
    isVoter: true,
    generation: 1,
  };
}

/**
 * Joins by the seeds of the invitation, or founds when there are none.
 * @throws AnantError `E_CONFIG_INVALID` beyond this machine without certificates, `E_BACKEND_UNAVAILABLE` when the
 * address is taken.
 */
export function takePart(
  invitation: GossipInvitation,
  guest: GossipGuest,
  founder: { readonly firstEpoch?: number } = {},
): Promise<GossipNode> {
  const { id, host, port, advertise, security, metadata, tuning } = guest;
  if (security === undefined) checkPlain(host, 'listen on');
  return GossipNode.start({
    id,
    cluster: invitation.founding,
    bind: { host, port },
    keyring: new Keyring(invitation.keys),
    seeds: invitation.seeds,
    isVoter: invitation.isVoter,
    metadata,
    ...identityOf(invitation.secret, id, security),
    ...founder,
    ...(advertise && { advertise }),
    ...(tuning && { tuning }),
  });
}

/**
 * With certificates, the key in this node's. Without, a key that whoever was invited can derive for any id: it keeps
 * strangers out, and lets a process come back under its id; it does not keep invited processes from speaking for others.
 */
function identityOf(
  secret: Uint8Array,
  id: string,
  security: NodeSecurity | undefined,
): Pick<GossipNodeOptions, 'identity' | 'admission' | 'renewals'> {
  if (security !== undefined) {
    const { certificate, sign } = security.own;
    const admission = certificateAdmission(security, Buffer.from(certificate));
    return { identity: sign, admission, renewals: certificateRenewals(security) };
  }
  return {
    identity: derivedIdentity(secret, id),
    admission: {
      admits: (other, publicKey) =>
        derivedIdentity(secret, other).publicKey.equals(publicKey) ? 'first' : 'refused',
    },
  };
}

function derivedIdentity(secret: Uint8Array, id: string): RawKeyPair {
  return keyPairOf('Ed25519', createHmac('sha256', secret).update(`gossip identity ${id}`).digest());
}
