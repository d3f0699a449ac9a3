/** Whom a node believes: its own authority only, within the validity of certificates, minus the revoked ones. */
import { createHash, X509Certificate } from 'node:crypto';
import { AnantError } from '@anant/core';
import { fingerprintOf, identityOf, type NodeIdentity } from './node-identity.js';

export interface TrustOptions {
  /** PEM of the authority's certificate; several while an authority is replaced. */
  readonly authorities: string;
  /** Fingerprints refused though an authority signed them. */
  readonly revoked: ReadonlySet<string>;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Certificates whose signature is not checked again; one more drops the oldest. */
const VERIFIED_MAX = 10_000;
/** Authorities one node believes at a time. */
export const AUTHORITIES_MAX = 8;

export class Trust {
  readonly #authorities: readonly X509Certificate[];
  readonly #revoked: ReadonlySet<string>;
  /** By the digest of their bytes: a peer shows the same certificate with every call. */
  readonly #verified = new Map<string, NodeIdentity>();
  /** PEM, for TLS. */
  readonly pem: string;

  /** @throws AnantError `E_CERTIFICATE_INVALID` when there is no authority in the text, or it is none. */
  constructor({ authorities, revoked }: TrustOptions) {
    this.#authorities = readAuthorities(authorities);
    this.#revoked = revoked;
    this.pem = authorities;
  }

  /**
   * @param certificate PEM or DER. @param nowMs wall clock.
   * @throws AnantError `E_IDENTITY_REFUSED` with the reason.
   */
  verify(certificate: string | Buffer, nowMs: number): NodeIdentity {
    const key = createHash('sha256').update(certificate).digest('hex');
    const known = this.#verified.get(key);
    if (known && this.#holds(known, nowMs)) return known;
    const identity = this.#verifyFully(certificate, nowMs);
    this.#verified.set(key, identity);
    const [oldest] = this.#verified.keys();
    if (this.#verified.size > VERIFIED_MAX && oldest !== undefined) this.#verified.delete(oldest);
    return identity;
  }

  #holds({ fingerprint, validFromMs, validToMs }: NodeIdentity, nowMs: number): boolean {
    return nowMs >= validFromMs && nowMs <= validToMs && !this.isRevoked(fingerprint);
  }

  #verifyFully(certificate: string | Buffer, nowMs: number): NodeIdentity {
    const parsed = parse(certificate);
    if (!this.#isOurs(parsed)) throw refused(parsed, 'was not issued by this cluster');
    const identity = identityOf(parsed);
    if (nowMs < identity.validFromMs) throw refused(parsed, `holds only from ${parsed.validFrom}`);
    if (nowMs > identity.validToMs) throw refused(parsed, `expired on ${parsed.validTo}`);
    if (this.isRevoked(identity.fingerprint)) throw refused(parsed, 'is revoked');
    return identity;
  }

  /** Whether the authority issued it, and it held until it expired or was revoked. */
  wasValid(certificate: string | Buffer, nowMs: number): boolean {
    const parsed = parse(certificate);
    if (!this.#isOurs(parsed)) return false;
    const { validToMs, fingerprint } = identityOf(parsed);
    return nowMs > validToMs || this.isRevoked(fingerprint);
  }

  #isOurs(parsed: X509Certificate): boolean {
    const isIssued = (authority: X509Certificate) =>
      parsed.checkIssued(authority) && parsed.verify(authority.publicKey);
    return !parsed.ca && this.#authorities.some(isIssued);
  }

  isRevoked(fingerprint: string): boolean {
    return this.#revoked.has(fingerprint);
  }
}

function readAuthorities(pem: string): X509Certificate[] {
  const texts = pem.match(CERTIFICATE) ?? [];
  if (texts.length === 0 || texts.length > AUTHORITIES_MAX) {
    throw noAuthority(`1 to ${AUTHORITIES_MAX} certificates are expected, not ${texts.length}`);
  }
  return texts.map((text) => {
    const authority = parse(text);
    if (!authority.ca) throw noAuthority(`"${authority.subject}" is no authority`);
    return authority;
  });
}

function parse(certificate: string | Buffer): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (cause) {
    throw new AnantError('E_IDENTITY_REFUSED', 'The certificate cannot be read.', { cause });
  }
}

function noAuthority(problem: string): AnantError {
  return new AnantError('E_CERTIFICATE_INVALID', `The file of authorities is wrong: ${problem}.`, {
    advice: 'Copy the folder that "anant certs issue" made, whole.',
  });
}

function refused(certificate: X509Certificate, problem: string): AnantError {
  return new AnantError('E_IDENTITY_REFUSED', `The certificate "${certificate.subject}" ${problem}.`, {
    advice: '"anant certs list" shows the state of every certificate.',
    details: { subject: certificate.subject, fingerprint: fingerprintOf(certificate) },
  });
}
