/** A lossy link for UDP: loses, repeats, delays and so reorders what passes, both ways, by a seed. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { seededRandom } from '@anant/core/testing';

export interface UdpFaults {
  readonly seed: number;
  /** Parts of the packets, 0 to 1. */
  readonly loss: number;
  readonly duplication: number;
  /** Each packet waits up to so long, by chance. */
  readonly delayMsMax: number;
}

/** Senders the proxy keeps apart; packets of more are lost. */
const SENDERS_MAX = 64;
const HOST = '127.0.0.1';

export class UdpProxy {
  readonly counts = { passed: 0, lost: 0, repeated: 0 };
  readonly #front: Socket;
  readonly #targetPort: number;
  readonly #faults: UdpFaults;
  readonly #random: () => number;
  /** By sender: the socket that speaks to the target for it, so that answers find their way back. */
  readonly #backs = new Map<string, Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor(front: Socket, targetPort: number, faults: UdpFaults) {
    this.#front = front;
    this.#targetPort = targetPort;
    this.#faults = faults;
    this.#random = seededRandom(faults.seed);
    front.on('message', (packet, sender) => {
      const back = this.#backOf(sender.port);
      if (back !== undefined) this.#pass(() => back.send(packet, this.#targetPort, HOST));
    });
  }

  static async open(targetPort: number, faults: UdpFaults): Promise<UdpProxy> {
    return new UdpProxy(await bound(), targetPort, faults);
  }

  /** A port that is free at the moment. */
  static async freePort(): Promise<number> {
    const socket = await bound();
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    return port;
  }

  get address(): string {
    return `${HOST}:${this.#front.address().port}`;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of [this.#front, ...this.#backs.values()]) socket.close();
  }

  #backOf(port: number): Socket | undefined {
    const known = this.#backs.get(String(port));
    if (known !== undefined || this.#backs.size >= SENDERS_MAX) return known;
    const back = createSocket('udp4');
    back.on('message', (packet) => this.#pass(() => this.#front.send(packet, port, HOST)));
    back.on('error', () => {});
    this.#backs.set(String(port), back);
    return back;
  }

  #pass(send: () => void): void {
    const { loss, duplication, delayMsMax } = this.#faults;
    if (this.#random() < loss) {
      this.counts.lost += 1;
      return;
    }
    this.counts.passed += 1;
    const copies = this.#random() < duplication ? 2 : 1;
    this.counts.repeated += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        send();
      }, this.#random() * delayMsMax);
      this.#timers.add(timer);
    }
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  return socket;
}
