/** Ed25519: this node's signature, and which key belongs to which node. A node id keeps the first key it was admitted with. */
import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { privateKeyObject, publicKeyObject, type RawKeyPair } from '../security/key-pairs.js';
import { VERIFIED_MAX } from './limits.js';

export const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;

/** Whether the holder of this key may be this node. `ticket` is what it brought as proof, such as its certificate. */
export type Admission = (id: string, publicKey: Uint8Array, ticket: Uint8Array | undefined) => boolean;

interface Pin {
  readonly publicKey: Buffer;
  readonly key: KeyObject;
}

export class Signatures {
  readonly publicKey: Uint8Array;
  readonly #secret: KeyObject;
  readonly #admits: Admission;
  readonly #pins = new Map<string, Pin>();
  readonly #verified = new Set<string>();
  readonly #idsMax: number;

  constructor(pair: RawKeyPair, admits: Admission, idsMax: number) {
    this.publicKey = pair.publicKey;
    this.#secret = privateKeyObject('Ed25519', pair.secretKey);
    this.#admits = admits;
    this.#idsMax = idsMax;
  }

  sign(payload: Uint8Array): Uint8Array {
    return sign(null, payload, this.#secret);
  }

  /** Whether this node id is known to hold this key; `unknown` for an id without one. */
  check(id: string, publicKey: Uint8Array): 'same' | 'other' | 'unknown' {
    const pin = this.#pins.get(id);
    if (pin === undefined) return 'unknown';
    return pin.publicKey.equals(publicKey) ? 'same' : 'other';
  }

  /** Binds a key to an id if the admission agrees. @returns Whether the id holds this key now. */
  admit(id: string, publicKey: Uint8Array, ticket: Uint8Array | undefined): boolean {
    const known = this.check(id, publicKey);
    if (known !== 'unknown') return known === 'same';
    if (this.#pins.size >= this.#idsMax || !this.#admits(id, publicKey, ticket)) return false;
    const raw = Buffer.from(publicKey);
    this.#pins.set(id, { publicKey: raw, key: publicKeyObject('Ed25519', raw) });
    return true;
  }

  /** Whether the node that holds this id signed the payload. Repeated statements are verified once. */
  verify(id: string, payload: Uint8Array, signature: Uint8Array, memory: 'remember' | 'once'): boolean {
    const pin = this.#pins.get(id);
    if (pin === undefined || signature.length !== SIGNATURE_BYTES) return false;
    if (memory === 'once') return verify(null, payload, pin.key, signature);
    const name = createHash('sha256').update(signature).update(id).update(payload).digest('base64');
    if (this.#verified.has(name)) return true;
    if (!verify(null, payload, pin.key, signature)) return false;
    this.#verified.add(name);
    if (this.#verified.size > VERIFIED_MAX) this.#verified.delete(this.#verified.values().next().value!);
    return true;
  }
}
