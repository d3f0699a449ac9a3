/**
 * One process's end of the data plane: a ZeroMQ ROUTER that receives (two while keys are renewed), and one DEALER for each peer it sends to. Messages
 * to one peer keep their order; who does not know the secret of this end is not heard.
 */
import { randomBytes } from 'node:crypto';
import { FileBuffers } from '@anant/bridge/host';
import type { Logger } from '@anant/core';
import { SharedFolder } from '../../embedded/python/shared-folder.js';
import { checkPlain } from '../control/security.js';
import { PEERS_MAX } from '../limits.js';
import type { DataEndpoint, PeerCertificates } from '../proto/anant/v1/common.js';
import type { NodeIdentity, NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import { formatDataAddress, parseDataAddress } from './data-address.js';
import { isDataFolder } from './data-folder.js';
import { DataIdentity } from './data-identity.js';
import { DataListeners } from './data-listeners.js';
import { type DataKind, openHead } from './data-message.js';
import { DataPeer } from './data-peer.js';

export interface DataMessage {
  readonly kind: number;
  readonly payload: Uint8Array;
  readonly buffers: readonly Uint8Array[];
  /** The node that sent it, proved; `undefined` in a cluster without certificates. */
  readonly from: NodeIdentity | undefined;
}

export interface DataPlaneOptions {
  /** Interface to listen on. @default 127.0.0.1 */
  readonly host?: string | undefined;
  /** Certificates of this node; without them it listens on this machine only, in plain. */
  readonly security?: NodeSecurity | undefined;
  /** Who may connect, where there are certificates. */
  readonly accepts: readonly NodeRole[];
  readonly logger?: Logger | undefined;
}

export interface DataPlaneHandlers {
  /** Slow work is its own to bound. @throws when the message is not what its kind says: it is dropped */
  readonly onMessage: (message: DataMessage) => void;
  /** This endpoint has new keys: the head is to be told. */
  readonly onRenewed?: (endpoint: DataEndpoint) => void;
}

export class DataPlane {
  /** What peers need to send here, besides the secret. Stays the same when keys are renewed. */
  readonly address: string;
  /** Messages that were dropped because they were malformed or did not know the secret. */
  refused = 0;
  readonly #zeromq: typeof import('zeromq');
  readonly #listeners: DataListeners;
  readonly #identity: DataIdentity | undefined;
  readonly #folder = new SharedFolder();
  readonly #files: FileBuffers;
  readonly #peers = new Map<string, DataPeer>();
  readonly #name = randomBytes(6).toString('hex');
  #handlers: DataPlaneHandlers = { onMessage: () => {} };
  #secret: Uint8Array = randomBytes(16);
  #peerCount = 0;
  #fileCount = 0;
  #isClosed = false;

  private constructor(
    zeromq: typeof import('zeromq'),
    listeners: DataListeners,
    identity: DataIdentity | undefined,
  ) {
    this.#zeromq = zeromq;
    this.#listeners = listeners;
    this.#identity = identity;
    this.#files = new FileBuffers(this.#folder.path, this.#name);
    this.address = formatDataAddress({
      ...parseDataAddress(listeners.address),
      folder: this.#folder.path,
    });
  }

  static async open(options: DataPlaneOptions): Promise<DataPlane> {
    const zeromq = await import('zeromq');
    const { host = '127.0.0.1', security, accepts, logger } = options;
    if (security === undefined) checkPlain(host, 'listen on');
    const secured = security && { security, identity: new DataIdentity(security) };
    const listeners = await DataListeners.open({ host, secured, accepts, logger });
    return new DataPlane(zeromq, listeners, secured?.identity);
  }

  /** Begins to hand over what comes. */
  serve(handlers: DataPlaneHandlers): void {
    this.#handlers = handlers;
    this.#listeners.serve({
      onMessage: (head, frames, from) => this.#deliver(head, frames, from),
      onRefused: () => {
        this.refused += 1;
      },
      onRenewed: () => this.repeat(),
    });
  }

  /** Where peers on this machine put large buffers. */
  get folder(): string {
    return this.#folder.path;
  }

  /** Where this process may put large buffers for a peer: the same machine and user. */
  folderOf(address: string): string | undefined {
    const { folder } = parseDataAddress(address);
    return folder !== undefined && isDataFolder(folder) ? folder : undefined;
  }

  /** A name that no other process uses in such a folder. */
  fileName(): string {
    this.#fileCount += 1;
    return `${this.#name}-ring-${this.#fileCount}`;
  }

  /** What binds the key of this endpoint, empty without certificates; and the way here when it is not the address. */
  get shown(): DataEndpoint {
    return this.#listeners.shown;
  }

  /** Shows its new keys again, when the head has not passed them on yet. */
  repeat(): void {
    if (!this.#listeners.isKnown) this.#handlers.onRenewed?.(this.shown);
  }

  /** Takes the certificates of those who may be met here, and the ways to them. */
  learn(peers: PeerCertificates): void {
    const learned = this.#identity?.learn(peers);
    for (const [address, peer] of this.#peers) {
      if (learned?.own === 'confirmed' || learned?.moved.has(address)) peer.renew();
      else peer.learned();
    }
  }

  /** @throws AnantError `E_IDENTITY_REFUSED` when this sender has no part in this address */
  requireOwner({ from }: Pick<DataMessage, 'from'>, address: string): void {
    if (from !== undefined) this.#identity?.requireOwner(from, address);
  }

  /** Who sends here must show it. Changes when the head says so. */
  set secret(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** @param secret the receiver's. @returns false when the peer takes no more; it is given up then. */
  send(
    address: string,
    secret: Uint8Array,
    kind: DataKind,
    payload: Uint8Array,
    buffers: readonly Uint8Array[] = [],
  ): boolean {
    if (this.#isClosed) return false;
    const peer = this.#peers.get(address) ?? this.#connect(address, secret);
    if (peer.send({ kind, payload, buffers })) return true;
    this.forget(address);
    return false;
  }

  /** Lets go of a peer that is gone; what waits for it is dropped. */
  forget(address: string): void {
    this.#peers.get(address)?.close();
    this.#peers.delete(address);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
    this.#listeners.close();
    this.#folder.remove();
  }

  #connect(address: string, secret: Uint8Array): DataPeer {
    if (this.#peers.size >= PEERS_MAX) this.forget(this.#peers.keys().next().value as string);
    this.#peerCount += 1;
    const peer = new DataPeer({
      zeromq: this.#zeromq,
      address,
      secret,
      name: `${this.#name}-${this.#peerCount}`,
      identity: this.#identity,
    });
    this.#peers.set(address, peer);
    return peer;
  }

  async #deliver(
    head: Uint8Array,
    frames: readonly Uint8Array[],
    from: NodeIdentity | undefined,
  ): Promise<void> {
    const opened = openHead(head, this.#secret);
    if (opened === undefined) {
      this.refused += 1;
      return;
    }
    const { kind, files, payload } = opened;
    try {
      const buffers = files.length > 0 ? await this.#load(frames, files) : frames;
      if (!this.#isClosed) this.#handlers.onMessage({ kind, payload, buffers, from });
    } catch {
      // A file that is not there, or a payload that is not what its kind says: its sender is to blame.
      this.refused += 1;
    }
  }

  async #load(frames: readonly Uint8Array[], files: readonly number[]): Promise<Uint8Array[]> {
    const buffers = [...frames];
    for (const index of files) {
      const described = buffers[index];
      if (described === undefined) throw new TypeError(`There is no frame ${index} to be a file.`);
      buffers[index] = await this.#files.load(described);
    }
    return buffers;
  }
}
