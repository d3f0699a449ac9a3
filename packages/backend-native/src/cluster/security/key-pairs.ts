/** The raw key pairs of a node besides its TLS key: X25519 for CURVE, Ed25519 for what it signs. */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { z85Encode } from './z85.js';

/** Both halves raw, 32 bytes each. */
export interface RawKeyPair {
  readonly publicKey: Buffer;
  readonly secretKey: Buffer;
}

type Curve = 'X25519' | 'Ed25519';

export function newKeyPair(curve: Curve): RawKeyPair {
  const { privateKey } = curve === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
  return rawKeyPair(privateKey);
}

/** Completes a secret key that was read from a file. @param secretKey 32 bytes. */
export function keyPairOf(curve: Curve, secretKey: Buffer): RawKeyPair {
  return rawKeyPair(privateKeyObject(curve, secretKey));
}

/** For `crypto.sign` and `crypto.diffieHellman`. PKCS #8 (RFC 8410) is a fixed prefix and the 32 bytes. */
export function privateKeyObject(curve: Curve, secretKey: Buffer): KeyObject {
  const prefix = Buffer.from(`302e020100300506032b65${curve === 'X25519' ? '6e' : '70'}04220420`, 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, secretKey]), format: 'der', type: 'pkcs8' });
}

/** For `crypto.verify` and `crypto.diffieHellman`. */
export function publicKeyObject(curve: Curve, publicKey: Buffer): KeyObject {
  const jwk = { kty: 'OKP', crv: curve, x: publicKey.toString('base64url') };
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** What only the holders of the two secret keys can compute (RFC 7748, section 6.1). 32 bytes. */
export function sharedSecret(secretKey: Buffer, peerPublicKey: Buffer): Buffer {
  return diffieHellman({
    privateKey: privateKeyObject('X25519', secretKey),
    publicKey: publicKeyObject('X25519', peerPublicKey),
  });
}

/** The pair as ZeroMQ takes it. */
export function curveText({ publicKey, secretKey }: RawKeyPair): { publicKey: string; secretKey: string } {
  return { publicKey: z85Encode(publicKey), secretKey: z85Encode(secretKey) };
}

function rawKeyPair(privateKey: KeyObject): RawKeyPair {
  const { d, x } = privateKey.export({ format: 'jwk' });
  return {
    secretKey: Buffer.from(d as string, 'base64url'),
    publicKey: Buffer.from(x as string, 'base64url'),
  };
}
