/**
 * Who a certificate says its holder is. A node's certificate names it by URIs in the subject alternative name:
 * `anant:<role>:<node id>` once, and its CURVE and signing keys as `anant:curve:<hex>` and `anant:sign:<hex>`, so
 * that one signature of the authority binds all keys of a node to its id.
 */
import type { X509Certificate } from 'node:crypto';
import { AnantError } from '@anant/core';

export const NODE_ROLES = ['head', 'worker', 'driver', 'monitor'] as const;
/** What a node may do: lead and schedule, run tasks, submit them, or only read metrics. */
export type NodeRole = (typeof NODE_ROLES)[number];

export interface NodeIdentity {
  readonly nodeId: string;
  readonly role: NodeRole;
  /** 32 bytes, X25519: the long-term key of the node's ZeroMQ sockets. */
  readonly curveKey: Buffer;
  /** 32 bytes, Ed25519: verifies what the node signs (gossip). */
  readonly signKey: Buffer;
  /** SHA-256 of the certificate, 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** Wall-clock milliseconds between which the certificate holds. */
  readonly validFromMs: number;
  readonly validToMs: number;
}

/** Lower-case letters, digits, dot, dash and underscore; 1 to 63 of them, the first a letter or digit. */
const NODE_ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const KEY_HEX = /^[0-9a-f]{64}$/;
const URI_PREFIX = 'URI:anant:';

/** @throws AnantError `E_CERTIFICATE_INVALID` for an id that cannot stand in a certificate. */
export function checkNodeId(nodeId: string): string {
  if (NODE_ID.test(nodeId)) return nodeId;
  throw new AnantError('E_CERTIFICATE_INVALID', `"${nodeId}" cannot be a node id.`, {
    advice: 'Use 1 to 63 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit.',
    details: { nodeId },
  });
}

export interface IdentityUris {
  readonly nodeId: string;
  readonly role: NodeRole;
  readonly curveKey: Buffer;
  readonly signKey: Buffer;
}

export function identityUris({ nodeId, role, curveKey, signKey }: IdentityUris): string[] {
  return [
    `anant:${role}:${checkNodeId(nodeId)}`,
    `anant:curve:${curveKey.toString('hex')}`,
    `anant:sign:${signKey.toString('hex')}`,
  ];
}

/**
 * Reads the identity of a certificate; says nothing about who issued it.
 * @throws AnantError `E_IDENTITY_REFUSED` when it names no node, more than one, or lacks a key.
 */
export function identityOf(certificate: X509Certificate): NodeIdentity {
  const names = new Map<string, string[]>();
  for (const entry of (certificate.subjectAltName ?? '').split(', ')) {
    if (!entry.startsWith(URI_PREFIX)) continue;
    const [kind = '', ...rest] = entry.slice(URI_PREFIX.length).split(':');
    names.set(kind, [...(names.get(kind) ?? []), rest.join(':')]);
  }
  const nodes = NODE_ROLES.flatMap((role) => (names.get(role) ?? []).map((nodeId) => ({ role, nodeId })));
  const [node] = nodes;
  if (!node || nodes.length !== 1 || !NODE_ID.test(node.nodeId)) {
    throw refuse(`names ${nodes.length} Anant nodes instead of one`, certificate);
  }
  return {
    ...node,
    curveKey: keyOf(names.get('curve'), 'CURVE', certificate),
    signKey: keyOf(names.get('sign'), 'signing', certificate),
    fingerprint: fingerprintOf(certificate),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
  };
}

export const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase();

function keyOf(values: readonly string[] = [], what: string, certificate: X509Certificate): Buffer {
  const [hex] = values;
  if (hex === undefined || values.length !== 1 || !KEY_HEX.test(hex)) {
    throw refuse(`has ${values.length} ${what} keys instead of one of 32 bytes`, certificate);
  }
  return Buffer.from(hex, 'hex');
}

function refuse(problem: string, certificate: X509Certificate): AnantError {
  return new AnantError('E_IDENTITY_REFUSED', `The certificate "${certificate.subject}" ${problem}.`, {
    advice: 'Use a certificate made by "anant certs issue".',
    details: { subject: certificate.subject, names: certificate.subjectAltName },
  });
}
