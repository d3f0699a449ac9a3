/** Which keys speak for an id, and how many ids there can be. */
import { describe, expect, it } from 'vitest';
import { newKeyPair } from '../security/key-pairs.js';
import { type Admission, Signatures } from './signatures.js';

const WORDS = Buffer.from('words');

/** Tickets are numbers here: since when a certificate holds; 0 stands for none that does. */
const byTicket: Admission = (_id, _key, ticket) => ticket?.[0] || 'refused';
const since = (ms: number): Uint8Array => Buffer.from([ms]);

function signerOf(admits: Admission = () => 'first', idsMax = 10) {
  const pair = newKeyPair('Ed25519');
  return { pair, signatures: new Signatures(pair, admits, idsMax) };
}

describe('the keys of an id', () => {
  it('are one for ever where nothing proves a later one', () => {
    const { signatures } = signerOf();
    const [first, second] = [signerOf(), signerOf()];
    expect(signatures.admit('alice', first.pair.publicKey, undefined)).toBe(true);
    expect(signatures.admit('alice', second.pair.publicKey, since(9))).toBe(false);
    expect(signatures.check('alice', second.pair.publicKey)).toBe('other');
    expect(signatures.verify('alice', WORDS, second.signatures.sign(WORDS), 'once')).toBe(false);
  });

  it('are those of its two latest certificates', () => {
    const { signatures } = signerOf(byTicket);
    const [old, current, next] = [signerOf(), signerOf(), signerOf()];
    expect(signatures.admit('alice', old.pair.publicKey, since(1))).toBe(true);
    expect(signatures.admit('alice', current.pair.publicKey, since(2))).toBe(true);
    // What the earlier process said is still known as its own.
    for (const { signatures: by } of [old, current])
      expect(signatures.verify('alice', WORDS, by.sign(WORDS), 'remember')).toBe(true);
    expect(signatures.admit('alice', next.pair.publicKey, since(3))).toBe(true);
    expect(signatures.check('alice', old.pair.publicKey)).toBe('other');
    expect(signatures.admit('alice', old.pair.publicKey, since(1))).toBe(false);
    expect(signatures.admit('alice', signerOf().pair.publicKey, since(0))).toBe(false);
    expect(signatures.admit('alice', signerOf().pair.publicKey, undefined)).toBe(false);
  });

  it('are renewed in two steps: shown first, used for everything when they are settled', () => {
    const certified: Admission = (_id, _key, ticket) => ticket?.[0] || 'refused';
    const [first, second, third] = [newKeyPair('Ed25519'), newKeyPair('Ed25519'), newKeyPair('Ed25519')];
    const signatures = new Signatures(first, certified, 10, since(1));
    expect(signatures.admit('alice', first.publicKey, since(1))).toBe(true);
    expect(signatures.renew('alice', { pair: second, ticket: since(0) })).toBe('refused');
    expect(signatures.introduction.publicKey).toEqual(first.publicKey);
    expect(signatures.renew('alice', { pair: second, ticket: since(2) })).toBe('renewed');
    expect(signatures.introduction).toMatchObject({ publicKey: second.publicKey, ticket: since(2) });
    expect(signatures.publicKey).toEqual(first.publicKey);
    // One more before the second was settled: at most two keys are known of an id, so the first is given up.
    expect(signatures.renew('alice', { pair: third, ticket: since(3) })).toBe('renewed');
    expect(signatures.publicKey).toEqual(second.publicKey);
    expect(signatures.verify('alice', WORDS, signatures.sign(WORDS), 'once')).toBe(true);
    expect(signatures.verify('alice', WORDS, signatures.introduction.sign(WORDS), 'once')).toBe(true);
    signatures.settle();
    expect(signatures.publicKey).toEqual(third.publicKey);
    expect(signatures.check('alice', first.publicKey)).toBe('other');
  });

  it('are kept of so many ids, and of no more', () => {
    const { signatures } = signerOf(byTicket, 3);
    for (let index = 0; index < 10; index += 1) {
      const admitted = signatures.admit(`id-${index}`, signerOf().pair.publicKey, since(1));
      expect(admitted).toBe(index < 3);
    }
    // Those that are there can still renew theirs.
    expect(signatures.admit('id-0', signerOf().pair.publicKey, since(2))).toBe(true);
  });
});
