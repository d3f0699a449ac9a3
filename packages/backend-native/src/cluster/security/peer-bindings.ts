/**
 * Binds ZeroMQ routing ids to nodes. CURVE proves that a peer holds *some* known key, but libzmq does not say which
 * key a routing id came with, so a node could call itself another. Here a routing id counts only once its first
 * message carried a proof that only the holder of the named node's key can make for this server and routing id.
 */
import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { sharedSecret } from './key-pairs.js';
import type { NodeIdentity } from './node-identity.js';
import type { NodeSecurity } from './node-security.js';

/** First frame of the message that asks for a binding. */
export const HELLO = 'anant-hello/1';
/** Routing ids bound at once; one more drops the one that was silent longest, which says hello again. */
export const BINDINGS_MAX = 10_000;
const LABEL = 'anant routing id binding 1';
const ROUTING_ID_BYTES = 16;
const KEY_BYTES = 32;
const HELLO_FRAMES = 4;

/** For the socket's `routingId`. Not to be guessed, so that nobody takes it before or after its owner. */
export const newRoutingId = (): string => randomBytes(ROUTING_ID_BYTES).toString('hex');

/** What a hello needs of a node: the keys of the moment its socket was opened. */
export type HelloOwner = Pick<NodeSecurity, 'own' | 'identity'>;

/** The frames a node sends first, after connecting with `routingId` to the socket of `server`. */
export function helloFrames(security: HelloOwner, server: NodeIdentity, routingId: string): Buffer[] {
  const { own, identity } = security;
  const proof = prove(own.curve.secretKey, server.curveKey, {
    routingId: Buffer.from(routingId),
    clientId: identity.nodeId,
    serverId: server.nodeId,
  });
  return [Buffer.from(HELLO), Buffer.from(identity.nodeId), own.curve.publicKey, proof];
}

export type HelloVerdict =
  | { readonly type: 'bound'; readonly identity: NodeIdentity }
  | { readonly type: 'refused'; readonly reason: string };

export class PeerBindings {
  readonly #security: HelloOwner & Pick<NodeSecurity, 'keys'>;
  /** In the order of last use. */
  readonly #bound = new Map<string, NodeIdentity>();

  constructor(security: HelloOwner & Pick<NodeSecurity, 'keys'>) {
    this.#security = security;
  }

  static isHello(frames: readonly Buffer[]): boolean {
    const [first] = frames;
    return first?.byteLength === HELLO.length && first.toString('latin1') === HELLO;
  }

  /** Judges a hello that came from `routingId`. A refused one leaves an earlier binding as it was. */
  hello(routingId: Buffer, frames: readonly Buffer[]): HelloVerdict {
    const [, nodeId, curveKey, proof] = frames;
    if (!nodeId || !curveKey || !proof || frames.length !== HELLO_FRAMES || curveKey.length !== KEY_BYTES) {
      return { type: 'refused', reason: 'The hello is malformed.' };
    }
    const identity = this.#security.keys.find(curveKey);
    if (!identity || identity.nodeId !== nodeId.toString()) {
      return { type: 'refused', reason: `The key is not one of "${nodeId}".` };
    }
    const { own, identity: self } = this.#security;
    const claim = { routingId, clientId: identity.nodeId, serverId: self.nodeId };
    const expected = prove(own.curve.secretKey, curveKey, claim);
    if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) {
      return { type: 'refused', reason: `The proof does not show that the sender is "${nodeId}".` };
    }
    const key = routingId.toString('hex');
    const current = this.#bound.get(key);
    if (current && current.nodeId !== identity.nodeId) {
      return { type: 'refused', reason: `The routing id belongs to "${current.nodeId}".` };
    }
    this.#touch(key, identity);
    return { type: 'bound', identity };
  }

  /** Who sent a message: `undefined` means drop it, and ask the sender for a hello. */
  identityOf(routingId: Buffer): NodeIdentity | undefined {
    const key = routingId.toString('hex');
    const identity = this.#bound.get(key);
    if (!identity) return undefined;
    // The certificate may have expired or been revoked since.
    const holder = this.#security.keys.find(identity.curveKey);
    if (holder?.nodeId !== identity.nodeId) {
      this.#bound.delete(key);
      return undefined;
    }
    this.#touch(key, identity);
    return identity;
  }

  forget(routingId: Buffer): void {
    this.#bound.delete(routingId.toString('hex'));
  }

  #touch(key: string, identity: NodeIdentity): void {
    this.#bound.delete(key);
    this.#bound.set(key, identity);
    if (this.#bound.size <= BINDINGS_MAX) return;
    const [silent] = this.#bound.keys();
    if (silent !== undefined) this.#bound.delete(silent);
  }
}

interface Claim {
  readonly routingId: Buffer;
  readonly clientId: string;
  readonly serverId: string;
}

/** A MAC under a key that only the two nodes can derive; the label keeps it apart from CURVE's own use of the keys. */
function prove(secretKey: Buffer, peerKey: Buffer, { routingId, clientId, serverId }: Claim): Buffer {
  const key = hkdfSync('sha256', sharedSecret(secretKey, peerKey), '', LABEL, KEY_BYTES);
  const mac = createHmac('sha256', Buffer.from(key));
  for (const part of [Buffer.from(clientId), Buffer.from(serverId), routingId]) {
    mac.update(Buffer.from([part.length])).update(part);
  }
  return mac.digest();
}
