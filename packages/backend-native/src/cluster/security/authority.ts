/**
 * The certificate authority of one cluster: makes its own certificate and those of nodes (ECDSA P-256, SHA-256).
 * No file is touched here; `certificate-store.ts` keeps what is made.
 */
// @peculiar/x509 resolves its parts through decorators, which need this first.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { newKeyPair, type RawKeyPair } from './key-pairs.js';
import { checkNodeId, identityUris, type NodeRole } from './node-identity.js';

cryptoProvider.set(webcrypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Certificates hold a little before they are made: clocks of machines differ. */
const SKEW_MS = 5 * 60_000;
const SERIAL_BYTES = 16;

/** PEM texts. */
export interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface AuthorityOptions {
  /** Names the cluster in the certificate's subject. */
  readonly cluster: string;
  readonly nowMs: number;
  readonly validMs: number;
}

export interface NodeCertificateOptions {
  readonly nodeId: string;
  readonly role: NodeRole;
  /** DNS names and IP addresses at which the node is reached. */
  readonly hosts: readonly string[];
  readonly nowMs: number;
  readonly validMs: number;
}

/** All a node needs to prove who it is. */
export interface NodeCertificate extends CertificatePair {
  readonly curve: RawKeyPair;
  readonly sign: RawKeyPair;
}

export async function createAuthority(options: AuthorityOptions): Promise<CertificatePair> {
  const keys = await newTlsKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ CN: [`Anant authority of ${checkNodeId(options.cluster)}`] }],
    ...validity(options),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: await privateKeyPem(keys) };
}

export async function issueCertificate(
  authority: CertificatePair,
  options: NodeCertificateOptions,
): Promise<NodeCertificate> {
  const issuer = new X509Certificate(authority.certificate);
  const keys = await newTlsKeys();
  const curve = newKeyPair('X25519');
  const sign = newKeyPair('Ed25519');
  const { nodeId, role, hosts } = options;
  const uris = identityUris({ nodeId, role, curveKey: curve.publicKey, signKey: sign.publicKey });
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [{ CN: [nodeId] }],
    issuer: issuer.subjectName,
    ...validity(options),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await readPrivateKey(authority.privateKey),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      // Drivers and monitors never serve TLS: a stolen certificate of theirs cannot stand in for a head.
      new ExtendedKeyUsageExtension([
        ExtendedKeyUsage.clientAuth,
        ...(role === 'driver' || role === 'monitor' ? [] : [ExtendedKeyUsage.serverAuth]),
      ]),
      new SubjectAlternativeNameExtension([
        ...uris.map((value) => ({ type: 'url' as const, value })),
        ...hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
      ]),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), privateKey: await privateKeyPem(keys), curve, sign };
}

const newTlsKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Positive and 127 bits of randomness, so that no two certificates share one (RFC 5280, 4.1.2.2). */
function newSerialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function validity({ nowMs, validMs }: { readonly nowMs: number; readonly validMs: number }) {
  return { notBefore: new Date(nowMs - SKEW_MS), notAfter: new Date(nowMs + validMs) };
}

async function privateKeyPem({ privateKey }: { readonly privateKey: webcrypto.CryptoKey }): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
}

const readPrivateKey = (pem: string) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign']);
