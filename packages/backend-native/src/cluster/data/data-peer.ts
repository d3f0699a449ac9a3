/** The way to one peer: a ZeroMQ DEALER with a bounded queue before it. Large buffers go by file where that is possible. */
import { FILE_BYTES_MIN, FileBuffers } from '@anant/bridge/host';
import type { Dealer } from 'zeromq';
import { FRAME_BYTES_MAX, MESSAGES_MAX, PEER_BACKLOG_BYTES_MAX } from '../limits.js';
import { parseDataAddress } from './data-address.js';
import { isDataFolder } from './data-folder.js';
import type { DataIdentity, SecuredClient } from './data-identity.js';
import { FAREWELL } from './data-listener.js';
import { type DataKind, packHead } from './data-message.js';

export interface Outgoing {
  readonly kind: DataKind;
  readonly payload: Uint8Array;
  readonly buffers: readonly Uint8Array[];
}

const RECONNECT_MS = 20;
const RECONNECT_MS_MAX = 1_000;
/** So long a peer may take to confirm that all before a change of keys has arrived; then its connection counts as broken. */
const FAREWELL_MS_MAX = 60_000;
/** More frames than this never are files: the head counts them in 16 bits. */
const FILES_MAX = 4096;

export interface DataPeerOptions {
  readonly zeromq: typeof import('zeromq');
  readonly address: string;
  readonly secret: Uint8Array;
  /** Starts the names of the files this process writes; unique among the peers of a folder. */
  readonly name: string;
  /** Of this process, in a cluster with certificates. */
  readonly identity: DataIdentity | undefined;
}

export class DataPeer {
  readonly #options: DataPeerOptions;
  /** Not there while the key at the address is of nobody that is known. */
  #socket: Dealer | undefined;
  #client: SecuredClient | undefined;
  /** What must be said before anything else. */
  #hello: readonly Uint8Array[] | undefined;
  readonly #secret: Uint8Array;
  readonly #files: FileBuffers | undefined;
  readonly #queue: Outgoing[] = [];
  #queuedBytes = 0;
  #isSending = false;
  #isRenewing = false;
  #isClosed = false;

  constructor(options: DataPeerOptions) {
    const { address, secret, name } = options;
    const { folder } = parseDataAddress(address);
    this.#options = options;
    this.#secret = secret;
    this.#files = folder !== undefined && isDataFolder(folder) ? new FileBuffers(folder, name) : undefined;
    this.#connect();
  }

  /** Somebody became known, perhaps the holder of the key at this address. */
  learned(): void {
    if (this.#socket !== undefined || this.#isClosed) return;
    this.#connect();
    if (this.#queue.length > 0 && !this.#isSending) void this.#drain();
  }

  /** There are other keys, here or there: what follows goes by a new connection, after what went by this one. */
  renew(): void {
    if (this.#socket === undefined) this.learned();
    else if (!this.#isClosed) {
      this.#isRenewing = true;
      if (!this.#isSending) void this.#drain();
    }
  }

  /** @returns false when the queue is full: the message is dropped, and the peer should be given up. */
  send(message: Outgoing): boolean {
    if (this.#isClosed) return false;
    const bytes = bytesOf(message);
    if (this.#queuedBytes + bytes > PEER_BACKLOG_BYTES_MAX) return false;
    this.#queuedBytes += bytes;
    this.#queue.push(message);
    if (!this.#isSending && this.#socket !== undefined) void this.#drain();
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#socket?.close();
  }

  #connect(): void {
    const { zeromq, address, identity } = this.#options;
    const client = identity?.client(address);
    if (identity !== undefined && client === undefined) return;
    const { socket } = client ?? parseDataAddress(address);
    const dealer = new zeromq.Dealer({
      ...client?.options,
      linger: 0,
      sendHighWaterMark: MESSAGES_MAX,
      maxMessageSize: FRAME_BYTES_MAX,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: RECONNECT_MS_MAX,
    });
    if (client !== undefined) {
      this.#hello = client.hello();
      // Said again on every connection: the one that said it before may have broken before it arrived.
      dealer.events.on('handshake', () => {
        if (this.#socket === dealer) this.#hello = client.hello();
      });
    }
    dealer.connect(socket);
    this.#client = client;
    this.#socket = dealer;
  }

  async #drain(): Promise<void> {
    this.#isSending = true;
    try {
      for (let index = 0; index < this.#queue.length || this.#isRenewing; index++) {
        while (this.#isRenewing) await this.#changeConnection();
        const message = this.#queue[index];
        if (message === undefined) break;
        const frames = await this.#frame(message);
        if (this.#isClosed) return;
        await this.#transmit(frames);
        this.#queuedBytes -= bytesOf(message);
      }
      this.#queue.length = 0;
    } catch {
      // A socket that cannot send is of no use any more; its owner notices by what does not arrive.
      this.close();
    } finally {
      this.#isSending = false;
    }
  }

  async #transmit(frames: readonly Uint8Array[]): Promise<void> {
    const socket = this.#socket as Dealer;
    const hello = this.#hello;
    this.#hello = undefined;
    if (hello !== undefined) await socket.send([...hello]);
    await socket.send([...frames]);
  }

  /** Waits until the peer has all that was sent, then connects anew. */
  async #changeConnection(): Promise<void> {
    this.#isRenewing = false;
    const old = this.#socket as Dealer;
    // One whose certificate is revoked is not answered any more.
    if (this.#client?.holds()) {
      await this.#transmit([Buffer.from(FAREWELL)]);
      old.receiveTimeout = FAREWELL_MS_MAX;
      await old.receive().catch(() => {});
    }
    if (this.#isClosed) return;
    this.#connect();
    if (this.#socket !== old) old.close();
  }

  #frame({ kind, payload, buffers }: Outgoing): Uint8Array[] | Promise<Uint8Array[]> {
    const isByFile = this.#files !== undefined && buffers.some(isLarge);
    return isByFile
      ? this.#frameWithFiles(kind, payload, buffers)
      : [packHead(kind, this.#secret, [], payload), ...buffers];
  }

  async #frameWithFiles(
    kind: DataKind,
    payload: Uint8Array,
    buffers: readonly Uint8Array[],
  ): Promise<Uint8Array[]> {
    const files: number[] = [];
    const frames: Uint8Array[] = [];
    for (const [index, buffer] of buffers.entries()) {
      const stored =
        isLarge(buffer) && index < FILES_MAX ? await (this.#files as FileBuffers).store(buffer) : undefined;
      if (stored) files.push(index);
      frames.push(stored ?? buffer);
    }
    return [packHead(kind, this.#secret, files, payload), ...frames];
  }
}

const isLarge = ({ byteLength }: Uint8Array): boolean => byteLength >= FILE_BYTES_MIN;

const bytesOf = ({ payload, buffers }: Outgoing): number =>
  buffers.reduce((sum, { byteLength }) => sum + byteLength, payload.byteLength);
