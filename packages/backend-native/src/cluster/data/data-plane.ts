/**
 * One process's end of the data plane: a ZeroMQ ROUTER that receives, and one DEALER for each peer it sends to. Messages
 * to one peer keep their order; who does not know the secret of this end is not heard.
 */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { FileBuffers } from '@anant/bridge/host';
import type { Router } from 'zeromq';
import { SharedFolder } from '../../embedded/python/shared-folder.js';
import { checkPlain } from '../control/security.js';
import { FRAME_BYTES_MAX, FRAMES_MAX, MESSAGES_MAX, PEERS_MAX } from '../limits.js';
import type { CurveServerOptions } from '../security/curve-sockets.js';
import { BACKLOG_CONNECTIONS_MAX, HANDSHAKE_MS_MAX } from '../security/limits.js';
import type { NodeIdentity, NodeRole } from '../security/node-identity.js';
import type { NodeSecurity } from '../security/node-security.js';
import { PeerBindings } from '../security/peer-bindings.js';
import { formatDataAddress, parseDataAddress } from './data-address.js';
import { isDataFolder } from './data-folder.js';
import { DataIdentity } from './data-identity.js';
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
  /** Never throws; slow work is its own to bound. */
  readonly onMessage: (message: DataMessage) => void;
}

export class DataPlane {
  /** What peers need to send here, besides the secret. */
  readonly address: string;
  /** Messages that were dropped because they were malformed or did not know the secret. */
  refused = 0;
  readonly #zeromq: typeof import('zeromq');
  readonly #router: Router;
  readonly #folder: SharedFolder;
  readonly #files: FileBuffers;
  readonly #onMessage: DataPlaneOptions['onMessage'];
  readonly #identity: DataIdentity | undefined;
  readonly #endDomain: () => void;
  readonly #peers = new Map<string, DataPeer>();
  readonly #name = randomBytes(6).toString('hex');
  #secret: Uint8Array = randomBytes(16);
  #peerCount = 0;
  #fileCount = 0;
  #isClosed = false;

  private constructor(
    zeromq: typeof import('zeromq'),
    router: Router,
    folder: SharedFolder,
    options: DataPlaneOptions,
    secured: Secured | undefined,
  ) {
    this.#zeromq = zeromq;
    this.#identity = secured?.identity;
    this.#endDomain = secured?.end ?? (() => {});
    this.#router = router;
    this.#folder = folder;
    this.#files = new FileBuffers(folder.path, this.#name);
    this.#onMessage = options.onMessage;
    this.address = formatDataAddress({
      socket: router.lastEndpoint as string,
      folder: folder.path,
      key: this.#identity?.key,
    });
    void this.#receive();
  }

  static async open(options: DataPlaneOptions): Promise<DataPlane> {
    const zeromq = await import('zeromq');
    const { host = '127.0.0.1', security, accepts } = options;
    if (security === undefined) checkPlain(host, 'listen on');
    const secured = security && (await secure(security, accepts));
    const router = new zeromq.Router({
      backlog: BACKLOG_CONNECTIONS_MAX,
      handshakeInterval: HANDSHAKE_MS_MAX,
      ...secured?.options,
      linger: 0,
      receiveHighWaterMark: MESSAGES_MAX,
      maxMessageSize: FRAME_BYTES_MAX,
    });
    try {
      await router.bind(`tcp://${isIP(host) === 6 ? `[${host}]` : host}:*`);
    } catch (error) {
      router.close();
      secured?.end();
      throw error;
    }
    return new DataPlane(zeromq, router, new SharedFolder(), options, secured);
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

  /** Binds the key of this endpoint; empty without certificates. */
  get certificate(): Buffer {
    return this.#identity?.certificate ?? Buffer.alloc(0);
  }

  /** Takes the certificates of those who may be met here. */
  learn(certificates: readonly Uint8Array[]): void {
    this.#identity?.learn(certificates);
    for (const peer of this.#peers.values()) peer.learned();
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
    this.#router.close();
    this.#endDomain();
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

  async #receive(): Promise<void> {
    try {
      for await (const [route, head, ...frames] of this.#router) {
        if (route === undefined || head === undefined || frames.length >= FRAMES_MAX) this.refused += 1;
        else if (this.#identity === undefined) await this.#deliver(head, frames, undefined);
        else await this.#deliverProved(this.#identity, route, head, frames);
      }
    } catch (error) {
      if (!this.#isClosed) throw error;
    }
  }

  /** CURVE says only that some known node sent it; which one, its hello has proved. */
  async #deliverProved(
    { bindings }: DataIdentity,
    route: Buffer,
    head: Buffer,
    frames: readonly Buffer[],
  ): Promise<void> {
    if (PeerBindings.isHello([head])) {
      if (bindings.hello(route, [head, ...frames]).type === 'refused') this.refused += 1;
      return;
    }
    const from = bindings.identityOf(route);
    if (from === undefined) this.refused += 1;
    else await this.#deliver(head, frames, from);
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
      if (!this.#isClosed) this.#onMessage({ kind, payload, buffers, from });
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

interface Secured {
  readonly identity: DataIdentity;
  readonly options: CurveServerOptions;
  readonly end: () => void;
}

async function secure(security: NodeSecurity, accepts: readonly NodeRole[]): Promise<Secured> {
  const identity = new DataIdentity(security);
  const { options, close } = await identity.server(accepts);
  return { identity, options, end: close };
}
