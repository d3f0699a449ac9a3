/** Ed25519: this node's signature, and which key belongs to which node. */
import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { privateKeyObject, publicKeyObject, type RawKeyPair } from '../security/key-pairs.js';
import { VERIFIED_MAX } from './limits.js';

export const SIGNATURE_BYTES = 64;
export const PUBLIC_KEY_BYTES = 32;

/**
 * Whether the holder of this key may be this node. `ticket` is what it brought as proof, such as its certificate.
 * `first`: unless the id has another key. A number: since when a certificate says so (wall-clock milliseconds); keys
 * of the latest `KEYS_PER_ID_MAX` certificates hold, so that a process can come back with a renewed one. `over`: it might,
 * until its certificate expired or was revoked.
 */
export type Admission = (
  id: string,
  publicKey: Uint8Array,
  ticket: Uint8Array | undefined,
) => 'refused' | 'over' | 'first' | number;

/**
 * Told of `withdraw`, which it calls whenever tickets that were admitted may have been revoked, until the result is called.
 */
export type Revocations = (withdraw: (isRevoked: (ticket: Uint8Array) => boolean) => void) => () => void;

/** The key in use, and the one before, by which older words of the node are still known. */
const KEYS_PER_ID_MAX = 2;

interface Pin {
  readonly publicKey: Buffer;
  readonly key: KeyObject;
  readonly sinceMs: number;
  readonly ticket: Uint8Array | undefined;
  /** What was said under it still counts as said; nobody comes in by it any more. */
  readonly isWithdrawn: boolean;
}

/** Who a node says it is: a signing key, and what proves that the key is its own. */
export interface GossipIdentity {
  /** Ed25519. */
  readonly pair: RawKeyPair;
  readonly ticket: Uint8Array | undefined;
}

interface Voice {
  readonly publicKey: Uint8Array;
  readonly secret: KeyObject;
  readonly ticket: Uint8Array | undefined;
}

export class Signatures {
  #voice: Voice;
  /** Shown to the others, and used for everything once they know it. */
  #next: Voice | undefined;
  readonly #admits: Admission;
  /** The latest first. */
  readonly #pins = new Map<string, readonly Pin[]>();
  readonly #verified = new Set<string>();
  readonly #idsMax: number;

  constructor(pair: RawKeyPair, admits: Admission, idsMax: number, ticket?: Uint8Array) {
    this.#voice = voiceOf({ pair, ticket });
    this.#admits = admits;
    this.#idsMax = idsMax;
  }

  /** The key that frames and statements are signed with. */
  get publicKey(): Uint8Array {
    return this.#voice.publicKey;
  }

  sign(payload: Uint8Array): Uint8Array {
    return sign(null, payload, this.#voice.secret);
  }

  /** What this node introduces itself with: the newest key, which signs that it is. */
  get introduction(): {
    readonly publicKey: Uint8Array;
    readonly ticket: Uint8Array | undefined;
    readonly sign: (payload: Uint8Array) => Uint8Array;
  } {
    const { publicKey, ticket, secret } = this.#next ?? this.#voice;
    return { publicKey, ticket, sign: (payload) => sign(null, payload, secret) };
  }

  /**
   * Introduces this node with another key from now on; all else is signed with it from `settle`, when the others know it.
   * One that was not settled is settled first.
   * @returns `refused` when the admission does not take the key for this node's: then nothing changes.
   */
  renew(id: string, identity: GossipIdentity): 'renewed' | 'refused' {
    if (!this.admit(id, identity.pair.publicKey, identity.ticket)) return 'refused';
    this.settle();
    this.#next = voiceOf(identity);
    return 'renewed';
  }

  settle(): void {
    this.#voice = this.#next ?? this.#voice;
    this.#next = undefined;
  }

  /** Whether this node id is known to hold this key, or held it before; `unknown` for an id without one. */
  check(id: string, publicKey: Uint8Array): 'same' | 'other' | 'unknown' {
    const pins = this.#pins.get(id);
    if (pins === undefined) return 'unknown';
    return pins.some((pin) => !pin.isWithdrawn && pin.publicKey.equals(publicKey)) ? 'same' : 'other';
  }

  /** Whether anything that names this author can be checked. */
  knows(id: string): boolean {
    return this.#pins.has(id);
  }

  /** Certificates were revoked. @returns ids that have no other. */
  withdraw(isRevoked: (ticket: Uint8Array) => boolean): readonly string[] {
    const ids: string[] = [];
    for (const [id, pins] of this.#pins) {
      const isOver = ({ isWithdrawn, ticket }: Pin) =>
        isWithdrawn || (ticket !== undefined && isRevoked(ticket));
      const left = pins.map((pin) => ({ ...pin, isWithdrawn: isOver(pin) }));
      this.#pins.set(id, left);
      if (left.every(({ isWithdrawn }) => isWithdrawn)) ids.push(id);
    }
    return ids;
  }

  /** Binds a key to an id if the admission agrees. @returns Whether it is one of those of the id now. */
  admit(id: string, publicKey: Uint8Array, ticket: Uint8Array | undefined): boolean {
    const known = this.check(id, publicKey);
    if (known === 'same') return true;
    if (known === 'unknown' && this.#pins.size >= this.#idsMax) return false;
    const verdict = this.#admits(id, publicKey, ticket);
    if (verdict === 'refused' || verdict === 'over') return false;
    if (verdict === 'first' && known === 'other') return false;
    const raw = Buffer.from(publicKey);
    const sinceMs = verdict === 'first' ? 0 : verdict;
    const key = publicKeyObject('Ed25519', raw);
    const pin = { publicKey: raw, key, sinceMs, ticket, isWithdrawn: false };
    // Of two from the same second the one that came last, so a stable sort with it in front.
    const all = [pin, ...(this.#pins.get(id) ?? [])].sort((left, right) => right.sinceMs - left.sinceMs);
    const kept = all.slice(0, KEYS_PER_ID_MAX);
    this.#pins.set(id, kept);
    return kept.includes(pin);
  }

  /** Whether a key that is not admitted is no forgery: it was the id's, by a certificate that others may still believe. */
  wasAdmissible(id: string, publicKey: Uint8Array, ticket: Uint8Array | undefined): boolean {
    const verdict = this.#admits(id, publicKey, ticket);
    return verdict === 'over' || typeof verdict === 'number';
  }

  /** Whether the node that holds this id signed the payload. Repeated statements are verified once. */
  verify(id: string, payload: Uint8Array, signature: Uint8Array, memory: 'remember' | 'once'): boolean {
    const pins = this.#pins.get(id);
    if (pins === undefined || signature.length !== SIGNATURE_BYTES) return false;
    const isSigned = () => pins.some(({ key }) => verify(null, payload, key, signature));
    if (memory === 'once') return isSigned();
    const name = createHash('sha256').update(signature).update(id).update(payload).digest('base64');
    if (this.#verified.has(name)) return true;
    if (!isSigned()) return false;
    this.#verified.add(name);
    if (this.#verified.size > VERIFIED_MAX) this.#verified.delete(this.#verified.values().next().value!);
    return true;
  }
}

function voiceOf({ pair, ticket }: GossipIdentity): Voice {
  return { publicKey: pair.publicKey, secret: privateKeyObject('Ed25519', pair.secretKey), ticket };
}
