/**
 * The shared keys that encrypt gossip (AES-256-GCM). Rotation without a gap: install the new key everywhere, use it
 * everywhere, remove the old one everywhere.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { AnantError } from '@anant/core';
import { KEYS_MAX } from './limits.js';

export const KEY_BYTES = 32;
const MAGIC = Buffer.from('AG1');
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = MAGIC.length + KEY_ID_BYTES + NONCE_BYTES;
/** Random nonces stay unlikely to repeat up to 2^32 messages a key; the ring warns from here on. */
const MESSAGES_PER_KEY = 2 ** 31;

export class Keyring {
  readonly #keys = new Map<string, Buffer>();
  #current: string;
  #sealed = 0;

  /** @param keys The first one encrypts. @throws AnantError `E_CONFIG_INVALID` for no key or one of a wrong length. */
  constructor(keys: readonly Uint8Array[]) {
    if (keys.length === 0) throw invalid('A keyring needs at least one key.');
    for (const key of keys) this.install(key);
    this.#current = keyIdOf(keys[0]!);
  }

  static newKey(): Uint8Array {
    return new Uint8Array(randomBytes(KEY_BYTES));
  }

  /** Ids of the keys that decrypt: the first 8 hexadecimal digits of their SHA-256. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** Id of the key that encrypts. */
  get currentId(): string {
    return this.#current;
  }

  /** Whether so many messages were encrypted that the key ought to be rotated. */
  get isWorn(): boolean {
    return this.#sealed > MESSAGES_PER_KEY;
  }

  /** From now on frames under this key can be read. @returns Its id. */
  install(key: Uint8Array): string {
    if (key.length !== KEY_BYTES) throw invalid(`A gossip key has ${KEY_BYTES} bytes, not ${key.length}.`);
    const id = keyIdOf(key);
    if (!this.#keys.has(id) && this.#keys.size >= KEYS_MAX)
      throw invalid(`The keyring already has ${KEYS_MAX} keys: remove one first.`);
    this.#keys.set(id, Buffer.from(key));
    return id;
  }

  /** From now on frames are written under this key. @throws AnantError `E_CONFIG_INVALID` when it is not installed. */
  use(id: string): void {
    if (!this.#keys.has(id)) throw invalid(`Gossip key ${id} is not installed here.`);
    this.#current = id;
    this.#sealed = 0;
  }

  /** From now on frames under this key are refused. @throws AnantError `E_CONFIG_INVALID` for the key in use. */
  remove(id: string): void {
    if (id === this.#current) throw invalid(`Gossip key ${id} is in use: use another one first.`);
    this.#keys.delete(id);
  }

  /** Takes over a whole set of keys; the first one encrypts. @throws AnantError `E_CONFIG_INVALID` as `install` does. */
  replace(keys: readonly Uint8Array[]): void {
    const [first] = keys;
    if (first === undefined) throw invalid('A keyring needs at least one key.');
    const kept = new Set(keys.map(keyIdOf));
    this.install(first);
    if (this.#current !== keyIdOf(first)) this.use(keyIdOf(first));
    for (const id of this.ids) if (!kept.has(id)) this.remove(id);
    for (const key of keys) this.install(key);
  }

  seal(plain: Uint8Array): Buffer {
    this.#sealed += 1;
    const nonce = randomBytes(NONCE_BYTES);
    const header = Buffer.concat([MAGIC, Buffer.from(this.#current, 'hex'), nonce]);
    const cipher = createCipheriv('aes-256-gcm', this.#keys.get(this.#current)!, nonce);
    cipher.setAAD(header);
    return Buffer.concat([header, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** @returns The plain bytes, or why there are none. */
  open(frame: Buffer): Buffer | 'malformed' | 'unknown-key' | 'forged' {
    if (frame.length < HEADER_BYTES + TAG_BYTES || !frame.subarray(0, MAGIC.length).equals(MAGIC))
      return 'malformed';
    const key = this.#keys.get(frame.toString('hex', MAGIC.length, MAGIC.length + KEY_ID_BYTES));
    if (key === undefined) return 'unknown-key';
    const nonce = frame.subarray(MAGIC.length + KEY_ID_BYTES, HEADER_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    decipher.setAAD(frame.subarray(0, HEADER_BYTES));
    decipher.setAuthTag(frame.subarray(frame.length - TAG_BYTES));
    try {
      const plain = decipher.update(frame.subarray(HEADER_BYTES, frame.length - TAG_BYTES));
      return Buffer.concat([plain, decipher.final()]);
    } catch {
      return 'forged';
    }
  }
}

function keyIdOf(key: Uint8Array): string {
  return createHash('sha256')
    .update(key)
    .digest('hex')
    .slice(0, KEY_ID_BYTES * 2);
}

function invalid(message: string): AnantError {
  return new AnantError('E_CONFIG_INVALID', message, {
    advice: 'Keyring.newKey() makes a key; every node of the cluster needs the same ones.',
  });
}
