/** The way to one peer: a ZeroMQ DEALER with a bounded queue before it. Large buffers go by file where that is possible. */
import { FILE_BYTES_MIN, FileBuffers } from '@anant/bridge/host';
import type { Dealer } from 'zeromq';
import { FRAME_BYTES_MAX, MESSAGES_MAX, PEER_BACKLOG_BYTES_MAX } from '../limits.js';
import { parseDataAddress } from './data-address.js';
import { isDataFolder } from './data-folder.js';
import type { DataIdentity } from './data-identity.js';
import { type DataKind, packHead } from './data-message.js';

export interface Outgoing {
  readonly kind: DataKind;
  readonly payload: Uint8Array;
  readonly buffers: readonly Uint8Array[];
}

const RECONNECT_MS = 20;
const RECONNECT_MS_MAX = 1_000;
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
  /** What must be said before anything else. */
  #hello: readonly Uint8Array[] | undefined;
  readonly #secret: Uint8Array;
  readonly #files: FileBuffers | undefined;
  readonly #queue: Outgoing[] = [];
  #queuedBytes = 0;
  #isSending = false;
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
    const { socket, key } = parseDataAddress(address);
    const client = identity?.client(key);
    if (identity !== undefined && client === undefined) return;
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
        this.#hello = client.hello();
      });
    }
    dealer.connect(socket);
    this.#socket = dealer;
  }

  async #drain(): Promise<void> {
    this.#isSending = true;
    try {
      for (let index = 0; index < this.#queue.length; index++) {
        const message = this.#queue[index] as Outgoing;
        const frames = await this.#frame(message);
        const socket = this.#socket as Dealer;
        if (this.#isClosed) return;
        const hello = this.#hello;
        this.#hello = undefined;
        if (hello !== undefined) await socket.send([...hello]);
        await socket.send(frames);
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
