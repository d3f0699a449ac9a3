import { encodeMessage } from '@anant/core/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newKeyPair, type RawKeyPair } from '../security/key-pairs.js';
import { Keyring } from './keyring.js';
import { REPLAY_WINDOW_FRAMES } from './limits.js';
import { PeerGate } from './peer-gate.js';
import { ReplayWindow } from './replay-window.js';
import { Signatures } from './signatures.js';

const key = Keyring.newKey();
const BODY = encodeMessage(['nack', 1]);

interface GateOptions {
  readonly keys?: readonly Uint8Array[];
  readonly pair?: RawKeyPair;
  readonly cluster?: string;
  readonly process?: number;
}

function gateOf(id: string, options: GateOptions = {}): PeerGate {
  const { keys = [key], pair = newKeyPair('Ed25519'), cluster = 'test', process = 1000 } = options;
  const signatures = new Signatures(pair, () => 'first', 100);
  signatures.admit(id, signatures.publicKey, undefined);
  return new PeerGate({ id, cluster, keyring: new Keyring(keys), signatures, introduce: () => {} }, process);
}

describe('PeerGate', () => {
  it('passes a frame once', () => {
    const [alice, bob] = [gateOf('alice'), gateOf('bob')];
    const frame = alice.seal('bob', BODY);
    expect(bob.open(frame, 0)).toEqual({ from: 'alice', body: BODY });
    expect(bob.open(frame, 0)).toEqual({ reason: 'replayed' });
  });

  it('refuses what was encrypted with another key, and any changed byte', () => {
    const [alice, bob] = [gateOf('alice'), gateOf('bob')];
    expect(bob.open(gateOf('eve', { keys: [Keyring.newKey()] }).seal('bob', BODY), 0)).toEqual({
      reason: 'unknown-key',
    });
    const frame = alice.seal('bob', BODY);
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Buffer.from(frame);
        changed[at]! ^= mask;
        expect(bob.open(changed, 0)).toHaveProperty('reason');
      }),
    );
    expect(bob.open(frame, 0)).toHaveProperty('from', 'alice');
  });

  it('refuses an insider that claims the id of another, and frames meant for others or other clusters', () => {
    const [alice, bob] = [gateOf('alice'), gateOf('bob')];
    bob.open(alice.seal('bob', BODY), 0);
    expect(bob.open(gateOf('alice').seal('bob', BODY), 0)).toEqual({ reason: 'wrong-identity' });
    expect(bob.open(gateOf('bob').seal('bob', BODY), 0)).toEqual({ reason: 'wrong-identity' });
    expect(bob.open(alice.seal('carol', BODY), 0)).toEqual({ reason: 'misdirected' });
    expect(bob.open(gateOf('dave', { cluster: 'other' }).seal('bob', BODY), 0)).toEqual({ reason: 'forged' });
  });

  it('refuses what an earlier process of a node sent, and lets a later one begin anew', () => {
    const pair = newKeyPair('Ed25519');
    const bob = gateOf('bob');
    const old = gateOf('alice', { pair, process: 1000 });
    const recorded = [old.seal('bob', BODY), old.seal('bob', BODY)];
    bob.open(recorded[0]!, 0);
    const restarted = gateOf('alice', { pair, process: 2000 });
    expect(bob.open(restarted.seal('bob', BODY), 0)).toHaveProperty('from', 'alice');
    for (const frame of recorded)
      expect(bob.open(frame, 0)).toEqual({ reason: 'outdated', knownProcess: 2000 });
    const backwards = gateOf('alice', { pair, process: 1500 });
    backwards.outbid(2000);
    expect(bob.open(backwards.seal('bob', BODY), 0)).toHaveProperty('from', 'alice');
  });

  it('drops what one sender sends beyond its rate', () => {
    const [alice, bob] = [gateOf('alice'), gateOf('bob')];
    let taken = 0;
    for (let frame = 0; frame < 2100; frame++) if ('from' in bob.open(alice.seal('bob', BODY), 0)) taken += 1;
    expect(taken).toBe(2000);
    expect(bob.open(alice.seal('bob', BODY), 1000)).toHaveProperty('from', 'alice');
  });

  it('throws for no bytes whatever', () => {
    const bob = gateOf('bob');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(bob.open(Buffer.from(bytes), 0)).toHaveProperty('reason');
        // The same within the encryption: an insider that sends nonsense.
        expect(bob.open(new Keyring([key]).seal(bytes), 0)).toHaveProperty('reason');
      }),
    );
  });
});

describe('Keyring', () => {
  it('rotates without a gap: install, use, remove', () => {
    const [one, two] = [new Keyring([key]), new Keyring([key])];
    const next = Keyring.newKey();
    const id = one.install(next);
    two.install(next);
    one.use(id);
    expect(two.open(one.seal(BODY))).toEqual(Buffer.from(BODY));
    expect(one.open(two.seal(BODY))).toEqual(Buffer.from(BODY));
    two.use(id);
    const late = new Keyring([key]).seal(BODY);
    two.remove(two.ids.find((other) => other !== id)!);
    expect(two.open(late)).toBe('unknown-key');
    expect(() => two.remove(id)).toThrow('in use');
  });

  it('takes a whole set over, the first of it to write with', () => {
    const ring = new Keyring([key]);
    const [old, next] = [new Keyring([key]), Keyring.newKey()];
    ring.replace([next, key]);
    expect(ring.open(old.seal(BODY))).toEqual(Buffer.from(BODY));
    expect(old.open(ring.seal(BODY))).toBe('unknown-key');
    ring.replace([next]);
    expect(ring.open(old.seal(BODY))).toBe('unknown-key');
    expect(ring.ids).toEqual([ring.currentId]);
    expect(() => ring.replace([])).toThrow('at least one key');
  });
});

describe('ReplayWindow', () => {
  it('takes every number once, in any order within the window, and none behind it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 400 }), (numbers) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let newest = 0;
        for (const number of numbers) {
          const isFresh = !seen.has(number) && number > newest - REPLAY_WINDOW_FRAMES;
          if (window.take(number) !== isFresh) expect.fail(`${number} after ${newest}`);
          if (isFresh) seen.add(number);
          newest = Math.max(newest, number);
        }
      }),
    );
  });
});
