import { encodeMessage } from '@anant/core/codec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccusationUpdate, Directory } from '../../protocol/gossip/index.js';
import type { MemberMessage } from '../../protocol/view/index.js';
import { newKeyPair } from '../security/key-pairs.js';
import { MessageCodec } from './message-codec.js';
import { EMPTY_METADATA } from './node-metadata.js';
import { type Admission, Signatures } from './signatures.js';
import { StatementCodec } from './statement-codec.js';

function partyOf(id: string, admits: Admission = () => 'first') {
  const pair = newKeyPair('Ed25519');
  const directory = new Directory();
  const subject = directory.add(id)!;
  const signatures = new Signatures(pair, admits, 100);
  signatures.admit(id, signatures.publicKey, undefined);
  const statements = new StatementCodec({ cluster: 'test', directory, signatures });
  const record = { id, address: '127.0.0.1:1', boot: 7, isVoter: true, metadata: EMPTY_METADATA };
  const alive = (incarnation: number) =>
    statements.seal({ type: 'alive', subject, incarnation, version: 0, record });
  return { directory, statements, messages: new MessageCodec(directory, statements), subject, alive };
}

describe('MessageCodec', () => {
  it('carries every kind of message from one node to another', () => {
    const [alice, bob] = [partyOf('alice'), partyOf('bob')];
    bob.messages.decode(alice.messages.encode({ type: 'gossip', updates: [alice.alive(1)] }));
    alice.messages.decode(bob.messages.encode({ type: 'gossip', updates: [bob.alive(1)] }));
    const { subject } = alice;
    const bobs = alice.directory.indexOf('bob')!;
    const alert = { viewId: 'v', subject: bobs, boot: 7, incarnation: 1, author: subject };
    const vote = { viewId: 'v', round: 3, cutId: 'c', author: subject };
    const member = { index: bobs, id: 'bob', boot: 7, isVoter: true };
    const cut = { viewId: 'v', add: [member], remove: [member] };
    const messages: MemberMessage[] = [
      { type: 'ping', sequence: 1, epoch: 2, updates: [alice.alive(1)] },
      {
        type: 'ack',
        sequence: 1,
        epoch: 0,
        updates: [{ type: 'suspect', subject: bobs, incarnation: 1, author: subject }],
      },
      { type: 'ping-request', sequence: 1, target: bobs, updates: [] },
      { type: 'nack', sequence: 9 },
      { type: 'gossip', updates: [{ type: 'left', subject, incarnation: 2, boot: 7 }] },
      {
        type: 'gossip',
        updates: [{ type: 'equivocation', subject, first: alice.alive(1), second: alice.alive(2) }],
      },
      { type: 'offer', digest: Uint32Array.from({ length: 64 }, (_, word) => word * 77), updates: [] },
      { type: 'entries', digest: undefined, updates: [alice.alive(1)] },
      { type: 'view-alert', alerts: [alert] },
      { type: 'view-propose', round: 0, cut, alerts: [alert] },
      { type: 'view-vote', vote },
      { type: 'view-prepare', viewId: 'v', round: 4 },
      { type: 'view-promise', viewId: 'v', round: 4, votedRound: -1, cut: undefined, alerts: [] },
      { type: 'view-promise', viewId: 'v', round: 4, votedRound: 0, cut, alerts: [alert] },
      { type: 'view-decide', decision: { epoch: 2, cut, votes: [vote] } },
      { type: 'view-pull', epoch: 3 },
      { type: 'view-push', view: { lineage: 'l', epoch: 2, id: 'v', members: [member] } },
    ];
    for (const message of messages) {
      const bytes = alice.messages.encode(message);
      expect(bob.messages.encode(bob.messages.decode(bytes))).toEqual(bytes);
    }
  });

  it('refuses a statement with another author, subject or signature than it says', () => {
    const [alice, bob, eve] = [partyOf('alice'), partyOf('bob'), partyOf('alice')];
    bob.messages.decode(alice.messages.encode({ type: 'gossip', updates: [alice.alive(1)] }));
    expect(() =>
      bob.messages.decode(eve.messages.encode({ type: 'gossip', updates: [eve.alive(2)] })),
    ).toThrow('not admitted');
    const forged = { type: 'left' as const, subject: eve.subject, incarnation: 1, boot: 7 };
    expect(() => bob.messages.decode(eve.messages.encode({ type: 'gossip', updates: [forged] }))).toThrow(
      'not signed',
    );
    const proof = Buffer.from(alice.alive(3).proof!);
    proof[proof.length - 1]! ^= 1;
    expect(() => bob.messages.decode(encodeMessage(['gossip', [proof]]))).toThrow();
  });

  it('passes over words of who is not admitted any more, and hears the rest of the message', () => {
    const [alice, eve] = [partyOf('alice'), partyOf('eve')];
    const bob = partyOf('bob', (id) => (id === 'eve' ? 'over' : 'first'));
    alice.messages.decode(eve.messages.encode({ type: 'gossip', updates: [eve.alive(1)] }));
    const own: AccusationUpdate = {
      type: 'suspect',
      incarnation: 1,
      subject: eve.subject,
      author: eve.subject,
    };
    eve.messages.encode({ type: 'gossip', updates: [own] });
    const passedOn = { ...own, subject: alice.subject, author: alice.directory.indexOf('eve')! };
    bob.directory.add('eve');
    const updates = [eve.alive(2), passedOn, alice.alive(2)];
    const heard = bob.messages.decode(alice.messages.encode({ type: 'gossip', updates }));
    expect(heard).toMatchObject({ type: 'gossip', updates: [{ record: { id: 'alice' } }] });
  });

  it('throws nothing but errors of the frame, and never a wrong message', () => {
    const bob = partyOf('bob');
    const anything = fc.anything({ withBigInt: false, withNullPrototype: false });
    fc.assert(
      fc.property(
        fc.constantFrom('ping', 'offer', 'view-decide', 'view-push'),
        fc.array(anything),
        (type, rest) => {
          let bytes: Uint8Array;
          try {
            bytes = encodeMessage([type, ...rest]);
          } catch {
            return;
          }
          expect(() => bob.messages.decode(bytes)).toThrow();
        },
      ),
    );
  });
});
