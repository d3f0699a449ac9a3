/** Admission by the cluster's certificates: the ticket of a node is its certificate, which names its id and signing key. */
import { X509Certificate } from 'node:crypto';
import { AnantError } from '@anant/core';
import { fingerprintOf, type NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import type { Admission, GossipIdentity, Revocations } from './signatures.js';

/** Who belongs to views. Drivers come and go, and have no say in who belongs. */
const MEMBER_ROLES: readonly NodeRole[] = ['head', 'worker'];

export interface CertificateAdmission {
  readonly admits: Admission;
  readonly ticket: Uint8Array;
  readonly revocations: Revocations;
}

/** For `GossipNodeOptions.admission`, together with `identity: security.own.keys.sign` (the key in the certificate). */
export function certificateAdmission(security: NodeSecurity, certificate: Uint8Array): CertificateAdmission {
  const admits: Admission = (id, publicKey, ticket) => {
    if (ticket === undefined) return 'refused';
    try {
      const identity = security.admit(Buffer.from(ticket));
      const isMember = MEMBER_ROLES.includes(identity.role);
      const isNamed = identity.nodeId === id && identity.signKey.equals(publicKey);
      return isMember && isNamed ? identity.validFromMs : 'refused';
    } catch (error) {
      if (!AnantError.is(error)) throw error;
      return wasValid(security, ticket) ? 'over' : 'refused';
    }
  };
  const isRevoked = (ticket: Uint8Array) =>
    security.trust.isRevoked(fingerprintOf(new X509Certificate(ticket)));
  return {
    admits,
    ticket: certificate,
    revocations: (withdraw) => security.onChange(() => withdraw(isRevoked)),
  };
}

function wasValid(security: NodeSecurity, ticket: Uint8Array): boolean {
  try {
    return security.wasValid(Buffer.from(ticket));
  } catch (error) {
    if (AnantError.is(error)) return false;
    throw error;
  }
}

/** For `GossipNodeOptions.renewals`: the signing key changes with the node's certificate. */
export function certificateRenewals(
  security: NodeSecurity,
): (renew: (identity: GossipIdentity) => void) => () => void {
  return (renew) => {
    let known = security.own.certificate;
    return security.onChange(() => {
      const { certificate, sign } = security.own;
      if (certificate === known) return;
      known = certificate;
      renew({ pair: sign, ticket: Buffer.from(certificate) });
    });
  };
}
