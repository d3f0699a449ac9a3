/** A way to a UDP port that keeps what passed, and can send it again. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HOST = '127.0.0.1';
/** Datagrams that are kept. */
const KEPT_MAX = 500;

export class UdpRecorder {
  readonly kept: Buffer[] = [];
  readonly #front: Socket;
  readonly #targetPort: number;

  private constructor(front: Socket, targetPort: number) {
    this.#front = front;
    this.#targetPort = targetPort;
    front.on('message', (datagram) => {
      if (this.kept.length < KEPT_MAX) this.kept.push(Buffer.from(datagram));
      front.send(datagram, targetPort, HOST);
    });
  }

  static async open(targetPort: number): Promise<UdpRecorder> {
    const front = createSocket('udp4');
    front.bind(0, HOST);
    await once(front, 'listening');
    return new UdpRecorder(front, targetPort);
  }

  get address(): string {
    return `${HOST}:${this.#front.address().port}`;
  }

  async send(datagram: Uint8Array, port = this.#targetPort): Promise<void> {
    await new Promise<void>((resolve) => this.#front.send(datagram, port, HOST, () => resolve()));
  }

  close(): void {
    this.#front.close();
  }
}
