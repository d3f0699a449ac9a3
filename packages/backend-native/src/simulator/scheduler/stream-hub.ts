/** The server's end of streams: of every client only its newest connection counts, and none outlives the term it began in. */
import { SimStream, type StreamHandler, type StreamPacket, type StreamWorld } from './stream.js';

export interface StreamHubOptions {
  readonly world: StreamWorld;
  readonly node: number;
  /** A client has connected; what it says goes to the handler. */
  readonly onOpen: (stream: SimStream, from: number) => StreamHandler;
}

export class StreamHub {
  readonly #options: StreamHubOptions;
  readonly #streams = new Map<number, SimStream>();
  /** Highest connection of each client so far: an older one that comes late is none. */
  readonly #newest = new Map<number, number>();
  #life = 0;

  constructor(options: StreamHubOptions) {
    this.#options = options;
  }

  /** Takes connections from now on. @param life of this term of this process, given to nobody else */
  open(life: number): void {
    this.#life = life;
  }

  /** Takes none any more, and forgets those it had: clients are told when they say something. */
  shut(): void {
    this.#life = 0;
    for (const stream of this.#streams.values()) stream.drop();
    this.#streams.clear();
  }

  receive(packet: StreamPacket, from: number): void {
    const known = this.#streams.get(from);
    if (known?.connection === packet.connection && known.isOpen) {
      known.receive(packet);
      return;
    }
    const isNewer = packet.connection > (this.#newest.get(from) ?? -1);
    const isMeant = packet.life === 0 || packet.life === this.#life;
    if (this.#life === 0 || packet.kind !== 'data' || packet.sequence !== 0 || !isNewer || !isMeant) {
      const { connection } = packet;
      const { world, node } = this.#options;
      if (packet.kind === 'data') world.send(node, from, { kind: 'reset', connection, sequence: 0, life: 0 });
      return;
    }
    known?.close();
    // Hearing that it closed may have ended the term.
    if (this.#life !== 0) this.#open(packet, from);
  }

  #open(packet: StreamPacket, from: number): void {
    const { world, node, onOpen } = this.#options;
    let handler: StreamHandler | undefined;
    const stream = new SimStream(
      world,
      node,
      from,
      packet.connection,
      { message: (message) => handler?.message(message), closed: () => handler?.closed() },
      this.#life,
    );
    this.#newest.set(from, packet.connection);
    this.#streams.set(from, stream);
    handler = onOpen(stream, from);
    stream.receive(packet);
  }
}
