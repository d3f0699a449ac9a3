/** The client's end of the connection to a bridge: messages over a ZeroMQ DEALER, large buffers by file. */
import type { Dealer } from 'zeromq';
import type { ReceivedMessage } from '../session/session.js';
import { FILE_BYTES_MIN, type FileBuffers } from './file-buffers.js';
import { packMessage, unpackMessage } from './message.js';

/** Keys of an encrypted connection, each 40 characters of Z85. */
export interface CurveKeys {
  readonly serverKey: string;
  readonly publicKey: string;
  readonly secretKey: string;
}

export interface BridgeSocketOptions {
  readonly address: string;
  readonly curve: CurveKeys | undefined;
  readonly files: FileBuffers | undefined;
  readonly onMessage: (message: ReceivedMessage) => void;
  /** A message arrived that cannot be read. */
  readonly onMalformed: (problem: string) => void;
  /** The connection broke; messages may be missing. Called at most once. */
  readonly onBroken: (reason: string) => void;
}

/** Largest single frame: what one buffer may hold. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024 * 1024;
/** Bounds of a message, from docs/protocol.md; one beyond them is reported as malformed. */
const HEAD_BYTES_MAX = 64 * 1024 * 1024;
const FRAMES_MAX = 65_536;
/** Messages ZeroMQ keeps per direction before it blocks; the window bounds them long before. */
const MESSAGES_MAX = 100_000;
const RECONNECT_MS = 20;

interface Outgoing {
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly buffers: readonly Uint8Array[];
}

export class BridgeSocket {
  readonly #socket: Dealer;
  readonly #options: BridgeSocketOptions;
  readonly #queue: Outgoing[] = [];
  #isSending = false;
  #isClosed = false;
  /** Whether the bridge agreed to read and write files of the shared directory. */
  isShared = false;

  private constructor(socket: Dealer, options: BridgeSocketOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Begins to connect; messages sent before the bridge listens wait. */
  static async open(options: BridgeSocketOptions): Promise<BridgeSocket> {
    const { Dealer: DealerSocket } = await import('zeromq');
    const socket = new DealerSocket({
      linger: 0,
      sendHighWaterMark: MESSAGES_MAX,
      receiveHighWaterMark: MESSAGES_MAX,
      maxMessageSize: FRAME_BYTES_MAX,
      reconnectInterval: RECONNECT_MS,
      ...(options.curve && {
        curveServerKey: options.curve.serverKey,
        curvePublicKey: options.curve.publicKey,
        curveSecretKey: options.curve.secretKey,
      }),
    });
    const opened = new BridgeSocket(socket, options);
    void opened.#watch();
    socket.connect(options.address);
    void opened.#receive();
    return opened;
  }

  send(message: Outgoing): void {
    if (this.#isClosed) return;
    this.#queue.push(message);
    if (!this.#isSending) void this.#drain();
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
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const frames = this.#hasFiles(next) ? await this.#frameWithFiles(next) : frame(next);
        if (this.#isClosed) return;
        await this.#socket.send(frames);
      }
    } catch (error) {
      if (!this.#isClosed) this.#options.onBroken(`a message could not be sent (${String(error)})`);
    } finally {
      this.#isSending = false;
    }
  }

  #hasFiles({ buffers }: Outgoing): boolean {
    return this.isShared && buffers.some((buffer) => buffer.byteLength >= FILE_BYTES_MIN);
  }

  async #frameWithFiles({ kind, body, buffers }: Outgoing): Promise<Uint8Array[]> {
    const store = this.#options.files as FileBuffers;
    const files: number[] = [];
    const frames: Uint8Array[] = [];
    for (const buffer of buffers) {
      const stored = buffer.byteLength >= FILE_BYTES_MIN ? await store.store(buffer) : undefined;
      if (stored) files.push(frames.length);
      frames.push(stored ?? buffer);
    }
    return [packMessage(kind, { ...body, files }), ...frames];
  }

  async #receive(): Promise<void> {
    try {
      for await (const [head, ...buffers] of this.#socket) await this.#deliver(head as Uint8Array, buffers);
    } catch (error) {
      if (!this.#isClosed) this.#options.onBroken(`messages can no longer be received (${String(error)})`);
    }
  }

  async #deliver(head: Uint8Array, frames: readonly Uint8Array[]): Promise<void> {
    let message: ReceivedMessage;
    try {
      if (head.byteLength > HEAD_BYTES_MAX || frames.length >= FRAMES_MAX) {
        throw new TypeError(
          `A message of ${head.byteLength} bytes and ${frames.length} buffers is too large.`,
        );
      }
      const { kind, body } = unpackMessage(head);
      const files = Array.isArray(body.files) ? (body.files as readonly unknown[]) : [];
      const buffers = files.length > 0 ? await this.#loadFiles(frames, files) : frames;
      message = { kind, body, buffers };
    } catch (error) {
      this.#options.onMalformed(error instanceof Error ? error.message : String(error));
      return;
    }
    if (!this.#isClosed) this.#options.onMessage(message);
  }

  async #loadFiles(frames: readonly Uint8Array[], files: readonly unknown[]): Promise<Uint8Array[]> {
    const store = this.#options.files;
    if (!store) throw new TypeError('A file buffer came although no directory is shared.');
    const buffers = [...frames];
    for (const index of files) {
      const described = buffers[index as number];
      if (!described) throw new TypeError(`There is no buffer ${String(index)} to be a file.`);
      buffers[index as number] = await store.load(described);
    }
    return buffers;
  }

  /** ZeroMQ would connect again by itself, but a session lives on one connection. */
  async #watch(): Promise<void> {
    try {
      for await (const event of this.#socket.events) {
        if (event.type === 'end' || this.#isClosed) return;
        if (event.type === 'disconnect') this.#options.onBroken('the connection closed');
        if (event.type === 'handshake:error:auth' || event.type === 'handshake:error:protocol') {
          this.#options.onBroken('the bridge refused the keys of this client');
        }
      }
    } catch (error) {
      if (!this.#isClosed) this.#options.onBroken(String(error));
    }
  }
}

function frame({ kind, body, buffers }: Outgoing): Uint8Array[] {
  return [packMessage(kind, body), ...buffers];
}
