/** The way to one peer: a ZeroMQ DEALER with a bounded queue before it. Large buffers go by file where that is possible. */
import { FILE_BYTES_MIN, FileBuffers } from '@anant/bridge/host';
import type { Dealer } from 'zeromq';
import { FRAME_BYTES_MAX, MESSAGES_MAX, PEER_BACKLOG_BYTES_MAX } from '../limits.js';
import { parseDataAddress } from './data-address.js';
import { isDataFolder } from './data-folder.js';
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

export class DataPeer {
  readonly #socket: Dealer;
  readonly #secret: Uint8Array;
  readonly #files: FileBuffers | undefined;
  readonly #queue: Outgoing[] = [];
  #queuedBytes = 0;
  #isSending = false;
  #isClosed = false;

  /** @param name starts the names of the files this process writes; unique among the peers of a folder */
  constructor(zeromq: typeof import('zeromq'), address: string, secret: Uint8Array, name: string) {
    const { socket, folder } = parseDataAddress(address);
    this.#secret = secret;
    this.#files = folder !== undefined && isDataFolder(folder) ? new FileBuffers(folder, name) : undefined;
    this.#socket = new zeromq.Dealer({
      linger: 0,
      sendHighWaterMark: MESSAGES_MAX,
      maxMessageSize: FRAME_BYTES_MAX,
      reconnectInterval: RECONNECT_MS,
      reconnectMaxInterval: RECONNECT_MS_MAX,
    });
    this.#socket.connect(socket);
  }

  /** @returns false when the queue is full: the message is dropped, and the peer should be given up. */
  send(message: Outgoing): boolean {
    if (this.#isClosed) return false;
    const bytes = bytesOf(message);
    if (this.#queuedBytes + bytes > PEER_BACKLOG_BYTES_MAX) return false;
    this.#queuedBytes += bytes;
    this.#queue.push(message);
    if (!this.#isSending) void this.#drain();
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#socket.close();
  }

  async #drain(): Promise<void> {
    this.#isSending = true;
    try {
      for (let index = 0; index < this.#queue.length; index++) {
        const message = this.#queue[index] as Outgoing;
        const frames = await this.#frame(message);
        if (this.#isClosed) return;
        await this.#socket.send(frames);
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
