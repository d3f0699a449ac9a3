/**
 * Which node this process is on the data plane, in a cluster with certificates: the keys of the moment it opened its
 * endpoint, kept until it ends; and who its peers are, as the certificates say that came over the control plane.
 */
import { AnantError } from '@anant/core';
import { type CurveServer, curveClientOptions, curveServer } from '../security/curve-sockets.js';
import type { NodeIdentity, NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import { type HelloOwner, helloFrames, newRoutingId, PeerBindings } from '../security/peer-bindings.js';
import { parseDataAddress } from './data-address.js';

export class DataIdentity {
  readonly bindings: PeerBindings;
  readonly #owner: HelloOwner & Pick<NodeSecurity, 'keys'>;
  readonly #security: NodeSecurity;

  constructor(security: NodeSecurity) {
    const { own, identity, keys } = security;
    this.#security = security;
    this.#owner = { own, identity, keys };
    this.bindings = new PeerBindings(this.#owner);
  }

  get nodeId(): string {
    return this.#owner.identity.nodeId;
  }

  /** Hexadecimal, for the address. */
  get key(): string {
    return this.#owner.identity.curveKey.toString('hex');
  }

  /** PEM; binds the key of this endpoint. */
  get certificate(): Buffer {
    return Buffer.from(this.#owner.own.certificate);
  }

  /** @param roles of those who may connect */
  server(roles: readonly NodeRole[]): Promise<CurveServer> {
    return curveServer(this.#owner, ({ role }) => (roles.includes(role) ? 'accept' : 'refuse'));
  }

  /** For a socket to the holder of a key, once a certificate has said who that is. */
  client(key: string | undefined): { readonly options: object; readonly hello: () => Buffer[] } | undefined {
    const server = key === undefined ? undefined : this.#owner.keys.find(Buffer.from(key, 'hex'));
    if (server === undefined) return undefined;
    const routingId = newRoutingId();
    const options = { ...curveClientOptions(this.#owner, server), routingId };
    return { options, hello: () => helloFrames(this.#owner, server, routingId) };
  }

  /** Takes what the head passes on. What proves nothing is left out: its holder stays unknown here. */
  learn(certificates: readonly Uint8Array[]): void {
    for (const certificate of certificates) {
      try {
        this.#security.admit(Buffer.from(certificate));
      } catch (error) {
        if (!AnantError.is(error)) throw error;
      }
    }
  }

  /** @throws AnantError `E_IDENTITY_REFUSED` when the address is not one of this node's */
  requireOwner(node: NodeIdentity, address: string): void {
    const { key } = parseDataAddress(address);
    const owner = key === undefined ? undefined : this.#owner.keys.find(Buffer.from(key, 'hex'));
    if (owner?.nodeId === node.nodeId) return;
    throw new AnantError('E_IDENTITY_REFUSED', `"${node.nodeId}" sent in the name of another endpoint.`);
  }
}
