/** Frames in and out of the UDP socket, through the peer gate, counted. */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { Clock } from '@anant/core';
import { decodeMessage, encodeMessage } from '@anant/core/codec';
import { PerSecond } from '../../protocol/gossip/index.js';
import type { GossipCounts } from './events.js';
import { FRAME_BYTES_MAX, HINTS_PER_SECOND_MAX } from './limits.js';
import type { Dropped, PeerGate } from './peer-gate.js';
import { parseAddress } from './udp-socket.js';

export interface GossipSocketOptions {
  readonly socket: Socket;
  readonly gate: PeerGate;
  readonly clock: Clock;
  /** Takes an authenticated body; whatever it throws counts the frame as malformed. */
  readonly receive: (from: string, body: Uint8Array, source: string) => void;
  /** What to tell a stranger, so that it says who it is. */
  readonly introduction: () => Uint8Array;
}

export class GossipSocket {
  readonly #options: GossipSocketOptions;
  readonly #counts = { framesSent: 0, bytesSent: 0, framesReceived: 0, bytesReceived: 0 };
  readonly #dropped: Record<string, number> = {};
  readonly #hints = new PerSecond(HINTS_PER_SECOND_MAX);
  #isClosed = false;

  constructor(options: GossipSocketOptions) {
    this.#options = options;
    options.socket.on('message', (frame, source) => this.#onFrame(frame, source));
    // That a send found no route or no listener is what gossip is there to find out.
    options.socket.on('error', () => this.#drop('socket'));
  }

  get counts(): GossipCounts {
    return { ...this.#counts, dropped: { ...this.#dropped } };
  }

  /** Nothing once it is closed. @param to Id of the receiver; empty when only its address is known. */
  send(address: string, to: string, body: Uint8Array): void {
    if (this.#isClosed) return;
    const frame = this.#options.gate.seal(to, body);
    if (frame.length > FRAME_BYTES_MAX) {
      this.#drop('too-large');
      return;
    }
    const { host, port } = parseAddress(address);
    this.#counts.framesSent += 1;
    this.#counts.bytesSent += frame.length;
    this.#options.socket.send(frame, port, host, (error) => {
      if (error) this.#drop('unsendable');
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await new Promise<void>((resolve) => this.#options.socket.close(() => resolve()));
  }

  #onFrame(frame: Buffer, { address, port, family }: RemoteInfo): void {
    if (this.#isClosed) return;
    this.#counts.framesReceived += 1;
    this.#counts.bytesReceived += frame.length;
    const source = family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
    const opened = this.#options.gate.open(frame, this.#options.clock.nowMs());
    if ('reason' in opened) {
      this.#drop(opened.reason);
      this.#hint(source, opened);
      return;
    }
    try {
      const process = staleProcess(opened.body);
      if (process === undefined) this.#options.receive(opened.from, opened.body, source);
      else this.#options.gate.outbid(process);
    } catch {
      // An authenticated member that sends nonsense is counted like anyone else.
      this.#drop('malformed');
    }
  }

  /** Strangers, and those with another key, are asked who they are, and processes that seem older than their predecessor are told so. */
  #hint(source: string, { reason, knownProcess }: Dropped): void {
    if (reason !== 'stranger' && reason !== 'wrong-identity' && reason !== 'outdated') return;
    if (!this.#hints.take(this.#options.clock.nowMs())) return;
    const { introduction } = this.#options;
    this.send(
      source,
      '',
      knownProcess === undefined ? introduction() : encodeMessage(['stale', knownProcess]),
    );
  }

  #drop(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1;
  }
}

/** The number in a `stale` message, which only sockets exchange. */
function staleProcess(body: Uint8Array): number | undefined {
  const message = decodeMessage(body);
  if (!Array.isArray(message) || message[0] !== 'stale') return undefined;
  return Number.isSafeInteger(message[1]) ? message[1] : 0;
}
