/**
 * Mutual TLS for gRPC: TLS 1.3, a client certificate is required, only the cluster's own authority is believed (never
 * the machine's default roots), and both ends take new certificates without a restart.
 */
import { checkServerIdentity, createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls';
import { AnantError } from '@anant/core';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { HANDSHAKE_MS_MAX } from './limits.js';
import type { NodeIdentity, NodeRole } from './node-identity.js';
import type { NodeSecurity } from './node-security.js';

const TLS_VERSION = 'TLSv1.3';

/** For `server.bindAsync`. New connections use new certificates as soon as `security` has read them. */
export function serverCredentials(security: NodeSecurity): ServerCredentials {
  return new MutualTlsServerCredentials(security);
}

/** Whom a channel must reach: a known node wherever it is, or any node of a role whose certificate names the host. */
export type ExpectedServer = { readonly nodeId: string } | { readonly role: NodeRole; readonly host: string };

/**
 * For a channel or client. Certificates are those of the moment the channel is made; a channel that is made again
 * on reconnect uses the new ones.
 */
export function channelCredentials(security: NodeSecurity, expected: ExpectedServer): ChannelCredentials {
  return ChannelCredentials.createFromSecureContext(tlsContext(security), {
    checkServerIdentity: (_, certificate) => checkServer(security, expected, certificate),
  });
}

function checkServer(
  security: NodeSecurity,
  expected: ExpectedServer,
  certificate: PeerCertificate,
): Error | undefined {
  try {
    const identity = security.verify(certificate.raw);
    const problem = mismatch(identity, expected);
    if (problem) return new AnantError('E_IDENTITY_REFUSED', `The server is ${problem}.`);
  } catch (error) {
    return error as Error;
  }
  return 'nodeId' in expected ? undefined : checkServerIdentity(expected.host, certificate);
}

function mismatch(identity: NodeIdentity, expected: ExpectedServer): string | undefined {
  const found = `${identity.role} "${identity.nodeId}"`;
  if ('nodeId' in expected) {
    return identity.nodeId === expected.nodeId ? undefined : `${found}, not "${expected.nodeId}"`;
  }
  return identity.role === expected.role ? undefined : `${found}, not a ${expected.role}`;
}

/** For any TLS listener or channel of a node: its own certificate, and only its cluster's authority. */
export function tlsOptions({ own, trust }: Pick<NodeSecurity, 'own' | 'trust'>) {
  return { ca: trust.pem, cert: own.certificate, key: own.privateKey, minVersion: TLS_VERSION } as const;
}

const tlsContext = (security: NodeSecurity): SecureContext => createSecureContext(tlsOptions(security));

/** What every TLS listener of a node demands of those who connect. */
export const MUTUAL_TLS = {
  handshakeTimeout: HANDSHAKE_MS_MAX,
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: TLS_VERSION,
} as const;

/** `createSsl` can neither bound the handshake nor change its certificates, so this is a kind of its own. */
class MutualTlsServerCredentials extends ServerCredentials {
  constructor(security: NodeSecurity) {
    super(MUTUAL_TLS, tlsOptions(security));
    security.onChange(() => this.updateSecureContextOptions(tlsOptions(security)));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
