/**
 * Which node this process is on the data plane, in a cluster with certificates, and who its peers are, as the
 * certificates say that came over the control plane. Keys are renewed while it runs: from when the head has told the
 * others of the new ones, connections are made with them; and peers with new keys are found by the way they told.
 */
import { AnantError } from '@anant/core';
import { PEERS_MAX } from '../limits.js';
import type { PeerCertificates } from '../proto/anant/v1/common.js';
import { type CurveServer, curveClientOptions, curveServer } from '../security/curve-sockets.js';
import type { NodeIdentity, NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import { type HelloOwner, helloFrames, newRoutingId, PeerBindings } from '../security/peer-bindings.js';
import { parseDataAddress } from './data-address.js';

/** What a listener needs: the keys of the moment it was opened, and who is who there. */
export interface SecuredListener extends CurveServer {
  readonly owner: HelloOwner;
  readonly bindings: PeerBindings;
}

export interface SecuredClient {
  readonly socket: string;
  readonly options: object;
  readonly hello: () => Buffer[];
  /** Whether what it says is still heard. */
  readonly holds: () => boolean;
}

/** What became known: peers that are reached another way now, and whether others know this node's new keys. */
export interface Learned {
  readonly moved: ReadonlySet<string>;
  readonly own: 'confirmed' | 'same';
}

export class DataIdentity {
  /** What connections are made with. */
  #own: HelloOwner;
  /** What they are made with once the others know of it. */
  #next: { readonly owner: HelloOwner; readonly settle: () => void } | undefined;
  readonly #security: NodeSecurity;
  /** By the address that names the endpoint, the way to it. */
  readonly #ways = new Map<string, string>();

  constructor(security: NodeSecurity) {
    this.#security = security;
    this.#own = ownerOf(security);
  }

  /** Whether this node has other keys by now. */
  isOlder({ owner }: SecuredListener): boolean {
    return owner.identity.fingerprint !== this.#security.identity.fingerprint;
  }

  /** For a listener with the keys of now. @param roles of those who may connect */
  async listener(roles: readonly NodeRole[]): Promise<SecuredListener> {
    const owner = ownerOf(this.#security);
    const server = await curveServer(owner, ({ role }) => (roles.includes(role) ? 'accept' : 'refuse'));
    return { ...server, owner, bindings: new PeerBindings(owner) };
  }

  /** Goes over to the keys of a listener when the others know of them. @returns settles then */
  renew({ owner }: SecuredListener): Promise<void> {
    return new Promise((settle) => {
      this.#next = { owner, settle };
    });
  }

  /** For a socket to an endpoint, once a certificate has said whose key that is. */
  client(address: string): SecuredClient | undefined {
    const { node } = parseDataAddress(address);
    const { socket, key } = parseDataAddress(this.#ways.get(address) ?? address);
    const server = this.#holder(key);
    if (server === undefined || server.nodeId !== node) return undefined;
    const own = this.#own;
    const routingId = newRoutingId();
    const options = { ...curveClientOptions(own, server), routingId };
    const holds = () => !this.#security.trust.isRevoked(own.identity.fingerprint);
    return { socket, options, hello: () => helloFrames(own, server, routingId), holds };
  }

  /** Takes what the head passes on. What proves nothing is left out: its holder stays unknown here. */
  learn({ certificates, ways }: PeerCertificates): Learned {
    let own: Learned['own'] = 'same';
    for (const certificate of certificates) {
      this.#admit(certificate);
      if (this.#next?.owner.own.certificate !== Buffer.from(certificate).toString()) continue;
      this.#own = this.#next.owner;
      this.#next.settle();
      this.#next = undefined;
      own = 'confirmed';
    }
    const moved = ways.filter(({ address, way }) => this.#learnWay(address, way));
    return { moved: new Set(moved.map(({ address }) => address)), own };
  }

  /** @throws AnantError `E_IDENTITY_REFUSED` when the address is not one of this node's */
  requireOwner({ nodeId }: NodeIdentity, address: string): void {
    if (parseDataAddress(address).node === nodeId) return;
    throw new AnantError('E_IDENTITY_REFUSED', `"${nodeId}" sent in the name of another endpoint.`);
  }

  #admit(certificate: Uint8Array): void {
    try {
      this.#security.admit(Buffer.from(certificate));
    } catch (error) {
      if (!AnantError.is(error)) throw error;
    }
  }

  #learnWay(address: string, way: string): boolean {
    if (this.#ways.get(address) === way) return false;
    const { node } = parseDataAddress(address);
    if (node === undefined || this.#holder(parseDataAddress(way).key)?.nodeId !== node) return false;
    this.#ways.delete(address);
    this.#ways.set(address, way);
    const [oldest] = this.#ways.keys();
    if (this.#ways.size > PEERS_MAX && oldest !== undefined) this.#ways.delete(oldest);
    return true;
  }

  #holder(key: string | undefined): NodeIdentity | undefined {
    return key === undefined ? undefined : this.#security.keys.find(Buffer.from(key, 'hex'));
  }
}

type Owner = HelloOwner & Pick<NodeSecurity, 'keys'>;

const ownerOf = ({ own, identity, keys }: NodeSecurity): Owner => ({ own, identity, keys });
