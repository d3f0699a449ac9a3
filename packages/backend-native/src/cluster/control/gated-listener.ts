/**
 * The TCP listener of the control port. It passes a connection on to gRPC once it has begun as it must, since everything
 * that gRPC gets becomes an HTTP/2 session, which is dear; and it closes those that the gate drops.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { BACKLOG_CONNECTIONS_MAX } from '../security/limits.js';
import type { HostAndPort } from './address.js';
import type { ConnectionGate } from './connection-gate.js';
import type { GreetingVerdict } from './greeting.js';

export interface GatedListenerOptions {
  readonly gate: ConnectionGate;
  /** Judges what a connection begins with. */
  readonly judge: (bytes: Buffer) => GreetingVerdict;
  /** Gets connections whose beginning fits; it is there to be read again. */
  readonly take: (socket: Socket) => void;
}

export class GatedListener {
  readonly #options: GatedListenerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #isClosed = false;

  constructor(options: GatedListenerOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true }, (socket) => this.#opened(socket));
    // A connection that cannot be accepted, for want of files for example, is the loss of that connection alone.
    this.#server.on('error', () => {});
  }

  /** @param at port 0 takes a free one. @returns the port. @throws system errors, or Error when it was closed meanwhile */
  async listen({ host, port }: HostAndPort): Promise<number> {
    this.#server.listen({ host, port, backlog: BACKLOG_CONNECTIONS_MAX });
    const listening = once(this.#server, 'listening');
    await Promise.race([listening, once(this.#server, 'close')]);
    if (this.#isClosed) {
      // Closed early enough, it listens all the same a little later.
      listening.then(
        () => this.#server.close(),
        () => {},
      );
      throw new Error('It was closed before it listened.');
    }
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#isClosed = true;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #opened(socket: Socket): void {
    const { gate } = this.#options;
    socket.on('error', () => {});
    // It went before it was accepted, and left no address.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const gated = gate.opened(peerOf(socket), () => socket.destroy());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      gated.closed();
    });
    if (!socket.destroyed) this.#greet(socket);
  }

  #greet(socket: Socket): void {
    const { judge, take } = this.#options;
    let bytes = Buffer.alloc(0);
    const read = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      bytes = Buffer.concat([bytes, chunk]);
      const verdict = judge(bytes);
      if (verdict === 'more') return;
      socket.off('readable', read);
      if (verdict === 'wrong') {
        socket.destroy();
        return;
      }
      socket.unshift(bytes);
      try {
        take(socket);
      } catch {
        // Whoever goes in the middle of it is no reason to end for all.
        socket.destroy();
      }
    };
    socket.on('readable', read);
    // It ends without having begun.
    socket.once('end', () => socket.destroy());
  }
}

/** As gRPC names the peer of a call. */
const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress}:${remotePort}`;
