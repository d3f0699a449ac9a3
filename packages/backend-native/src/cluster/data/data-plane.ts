/**
 * One process's end of the data plane: a ZeroMQ ROUTER that receives, and one DEALER for each peer it sends to. Messages
 * to one peer keep their order; who does not know the secret of this end is not heard.
 */
import { randomBytes } from 'node:crypto';
import { FileBuffers } from '@anant/bridge/host';
import type { Router } from 'zeromq';
import { SharedFolder } from '../../embedded/python/shared-folder.js';
import { FRAME_BYTES_MAX, FRAMES_MAX, HANDSHAKE_MS_MAX, MESSAGES_MAX, PEERS_MAX } from '../limits.js';
import { formatDataAddress } from './data-address.js';
import { type DataKind, openHead } from './data-message.js';
import { DataPeer } from './data-peer.js';

export interface DataMessage {
  readonly kind: number;
  readonly payload: Uint8Array;
  readonly buffers: readonly Uint8Array[];
}

export interface DataPlaneOptions {
  /** Interface to listen on. @default 127.0.0.1 */
  readonly host?: string;
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
  readonly #peers = new Map<string, DataPeer>();
  readonly #name = randomBytes(6).toString('hex');
  #secret: Uint8Array = randomBytes(16);
  #peerCount = 0;
  #isClosed = false;

  private constructor(
    zeromq: typeof import('zeromq'),
    router: Router,
    folder: SharedFolder,
    options: DataPlaneOptions,
  ) {
    this.#zeromq = zeromq;
    this.#router = router;
    this.#folder = folder;
    this.#files = new FileBuffers(folder.path, this.#name);
    this.#onMessage = options.onMessage;
    this.address = formatDataAddress({ socket: router.lastEndpoint as string, folder: folder.path });
    void this.#receive();
  }

  static async open(options: DataPlaneOptions): Promise<DataPlane> {
    const zeromq = await import('zeromq');
    const router = new zeromq.Router({
      linger: 0,
      receiveHighWaterMark: MESSAGES_MAX,
      maxMessageSize: FRAME_BYTES_MAX,
      handshakeInterval: HANDSHAKE_MS_MAX,
    });
    try {
      await router.bind(`tcp://${options.host ?? '127.0.0.1'}:*`);
    } catch (error) {
      router.close();
      throw error;
    }
    return new DataPlane(zeromq, router, new SharedFolder(), options);
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
    this.#folder.remove();
  }

  #connect(address: string, secret: Uint8Array): DataPeer {
    if (this.#peers.size >= PEERS_MAX) this.forget(this.#peers.keys().next().value as string);
    this.#peerCount += 1;
    const peer = new DataPeer(this.#zeromq, address, secret, `${this.#name}-${this.#peerCount}`);
    this.#peers.set(address, peer);
    return peer;
  }

  async #receive(): Promise<void> {
    try {
      for await (const [, head, ...frames] of this.#router) {
        if (head === undefined || frames.length >= FRAMES_MAX) this.refused += 1;
        else await this.#deliver(head, frames);
      }
    } catch (error) {
      if (!this.#isClosed) throw error;
    }
  }

  async #deliver(head: Uint8Array, frames: readonly Uint8Array[]): Promise<void> {
    const opened = openHead(head, this.#secret);
    if (opened === undefined) {
      this.refused += 1;
      return;
    }
    const { kind, files, payload } = opened;
    try {
      const buffers = files.length > 0 ? await this.#load(frames, files) : frames;
      if (!this.#isClosed) this.#onMessage({ kind, payload, buffers });
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
