/** The one file a node keeps its certificate and secret keys in: PEM blocks, so that replacing it is one rename. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { AnantError } from '@anant/core';
import type { NodeCertificate } from './authority.js';
import { keyPairOf } from './key-pairs.js';

const BLOCK = /-----BEGIN ([A-Z ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----/g;
const CURVE_LABEL = 'ANANT CURVE SECRET KEY';
const SIGN_LABEL = 'ANANT SIGN SECRET KEY';
const SECRET_BYTES = 32;

export function writeBundle({ certificate, privateKey, curve, sign }: NodeCertificate): string {
  const blocks = [
    certificate.trim(),
    privateKey.trim(),
    block(CURVE_LABEL, curve.secretKey),
    block(SIGN_LABEL, sign.secretKey),
  ];
  return `${blocks.join('\n')}\n`;
}

/** @throws AnantError `E_CERTIFICATE_INVALID` when a part is missing or the key is not the certificate's. */
export function readBundle(text: string, file: string): NodeCertificate {
  const blocks = new Map([...text.matchAll(BLOCK)].map(([whole, label, body]) => [label, { whole, body }]));
  const part = (label: string) => {
    const found = blocks.get(label);
    if (found) return found;
    throw invalid(file, `has no "${label}" block`);
  };
  const secret = (label: string) => {
    const bytes = Buffer.from(part(label).body!, 'base64');
    if (bytes.length !== SECRET_BYTES) throw invalid(file, `has a "${label}" of ${bytes.length} bytes`);
    return bytes;
  };
  const certificate = part('CERTIFICATE').whole;
  const privateKey = part('PRIVATE KEY').whole;
  if (!belongs(certificate, privateKey, file)) throw invalid(file, 'has a key of another certificate');
  return {
    certificate,
    privateKey,
    curve: keyPairOf('X25519', secret(CURVE_LABEL)),
    sign: keyPairOf('Ed25519', secret(SIGN_LABEL)),
  };
}

function belongs(certificate: string, privateKey: string, file: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
  } catch (cause) {
    throw invalid(file, 'cannot be read', cause);
  }
}

function block(label: string, bytes: Buffer): string {
  return `-----BEGIN ${label}-----\n${bytes.toString('base64')}\n-----END ${label}-----`;
}

function invalid(file: string, problem: string, cause?: unknown): AnantError {
  return new AnantError('E_CERTIFICATE_INVALID', `${file} ${problem}.`, {
    cause,
    advice: 'Make it again: anant certs rotate NODE.',
    details: { file },
  });
}
