/** A link for TCP that a test can slow down, stall and cut: connections stay open while nothing passes, or end at once. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';
/** Connections open at once; one more is closed. */
const CONNECTIONS_MAX = 256;

export class TcpProxy {
  /** Connections made through it so far. */
  connections = 0;
  /** Every piece waits so long, in each direction. */
  delayMs = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #targetPort = 0;
  #state: 'open' | 'stalled' = 'open';

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (client) => this.#connected(client));
  }

  static async open(): Promise<TcpProxy> {
    const server = createServer({ pauseOnConnect: true });
    server.listen(0, HOST);
    await once(server, 'listening');
    return new TcpProxy(server);
  }

  get address(): string {
    return `${HOST}:${(this.#server.address() as { port: number }).port}`;
  }

  /** Where connections from now on lead. */
  aim(port: number): void {
    this.#targetPort = port;
  }

  /** Nothing passes any more, and nobody is told: as on a network that swallows everything. */
  stall(): void {
    this.#state = 'stalled';
    for (const socket of this.#sockets) socket.pause();
  }

  /** What waited goes on, in order. */
  resume(): void {
    this.#state = 'open';
    for (const socket of this.#sockets) socket.resume();
  }

  /** Ends every connection at once; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #connected(client: Socket): void {
    if (this.#sockets.size >= 2 * CONNECTIONS_MAX) {
      client.destroy();
      return;
    }
    this.connections += 1;
    const target = connect({ port: this.#targetPort, host: HOST });
    this.#join(client, target);
    this.#join(target, client);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (piece) => this.#later(() => to.writable && to.write(piece)));
    from.on('end', () => this.#later(() => to.end()));
    from.on('error', () => {});
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (this.#state === 'open') from.resume();
  }

  #later(act: () => void): void {
    if (this.delayMs === 0) {
      act();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, this.delayMs);
    this.#timers.add(timer);
  }
}
