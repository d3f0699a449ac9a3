/**
 * Where ZeroMQ brokers meet: a ROUTER for all that is addressed, a PULL for work that nobody answers, an XPUB for
 * events. It keeps no messages of its own beyond the queues of the sockets.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@anant/core';
import type { Pull, Router, XPublisher } from 'zeromq';
import { type CurveServer, curveServer } from '../../cluster/security/curve-sockets.js';
import { forReading, ZMQ_SOCKET_OPTIONS } from '../../cluster/security/limits.js';
import type { NodeSecurity } from '../../cluster/security/node-security.js';
import { decodeFrame, encodeFrame, type Frame, NO_BYTES } from '../frame.js';
import { HubRouting, isEndpoint } from '../hub-routing.js';
import { PING_MS, SESSION_QUEUE_MAX, SILENCE_MS_MAX } from '../limits.js';
import { checkBind, LOOPBACK } from '../loopback.js';
import { SocketWriter } from './socket-writer.js';

export interface ZeroMqHubOptions {
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** Of the ROUTER; the other sockets take free ports. @default 0: a free one */
  readonly port?: number;
  /** Required beyond loopback: CURVE, with keys that certificates bound to nodes. */
  readonly security?: NodeSecurity;
  readonly clock?: Clock;
}

interface Sockets {
  readonly router: Router;
  readonly pull: Pull;
  readonly publisher: XPublisher;
}

/** A subscription to this topic is answered on it: every earlier one of that socket is in place. */
export const READY_TOPIC = '\0ready/';
export const topicOf = (subject: string): string => `${subject}\0`;

export class ZeroMqHub {
  readonly address: string;
  readonly #sockets: Sockets;
  readonly #curve: CurveServer | undefined;
  readonly #routing = new HubRouting();
  readonly #heardMs = new Map<string, number>();
  readonly #router: SocketWriter<(string | Buffer)[]>;
  readonly #publisher: SocketWriter<(string | Buffer)[]>;
  readonly #clock: Clock;
  /** New at every start, so that brokers notice a hub that forgot them. */
  readonly #id = randomUUID();
  #cancelSweep: () => void = () => {};
  #waiting = 0;
  #dropped = 0;

  private constructor(sockets: Sockets, curve: CurveServer | undefined, clock: Clock) {
    this.#sockets = sockets;
    this.#curve = curve;
    this.#clock = clock;
    this.address = sockets.router.lastEndpoint!;
    this.#router = new SocketWriter(sockets.router);
    this.#publisher = new SocketWriter(sockets.publisher);
    void this.#run(() => this.#serveRouter());
    void this.#run(() => this.#servePull());
    void this.#run(() => this.#serveSubscriptions());
    this.#sweep();
  }

  /** @throws AnantError `E_CONFIG_INVALID` for a host beyond loopback without `security`. */
  static async listen(options: ZeroMqHubOptions = {}): Promise<ZeroMqHub> {
    const { host = LOOPBACK, port = 0, security, clock = systemClock } = options;
    checkBind(host, security ? 'certificates' : 'none');
    const { Router, Pull, XPublisher } = await import('zeromq');
    const curve = security && (await curveServer(security));
    const limits = { ...ZMQ_SOCKET_OPTIONS, ...curve?.options };
    const sockets: Sockets = {
      // A full or gone receiver must not hold up the others: the frame is dropped and counted.
      router: new Router({
        ...limits,
        mandatory: true,
        sendTimeout: 0,
        sendHighWaterMark: SESSION_QUEUE_MAX,
      }),
      pull: new Pull(forReading(limits)),
      publisher: new XPublisher({ ...limits, sendHighWaterMark: SESSION_QUEUE_MAX }),
    };
    await sockets.router.bind(`tcp://${host}:${port === 0 ? '*' : port}`);
    await sockets.pull.bind(`tcp://${host}:*`);
    await sockets.publisher.bind(`tcp://${host}:*`);
    return new ZeroMqHub(sockets, curve, clock);
  }

  /** Frames that a receiver was too slow for, or not there. */
  get dropped(): number {
    return this.#dropped + this.#routing.undelivered;
  }

  get sessionCount(): number {
    return this.#routing.sessionCount;
  }

  close(): void {
    this.#cancelSweep();
    for (const socket of Object.values(this.#sockets)) socket.close();
    this.#curve?.close();
  }

  async #serveRouter(): Promise<void> {
    for await (const [session, bytes] of this.#sockets.router) {
      const name = session!.toString();
      if (isEndpoint(name)) this.#receive(name, bytes);
    }
  }

  /** PULL does not say who sent: only senders that the ROUTER knows are believed. */
  async #servePull(): Promise<void> {
    for await (const [bytes] of this.#sockets.pull) {
      const frame = read(bytes);
      if (frame?.kind === 'work' && this.#routing.has(frame.from)) this.#pass(frame.from, frame);
    }
  }

  async #serveSubscriptions(): Promise<void> {
    for await (const [message] of this.#sockets.publisher) {
      const topic = message!.toString('utf8', 1);
      if (message![0] === 1 && topic.startsWith(READY_TOPIC)) await this.#publisher.write([topic, '']);
    }
  }

  #receive(session: string, bytes: Buffer | undefined): void {
    const frame = read(bytes);
    if (!frame) return;
    this.#heardMs.set(session, this.#clock.nowMs());
    if (frame.to === 'all') {
      const sent = encodeFrame({ ...frame, from: session });
      this.#publisher.write([topicOf(frame.name), sent]).catch(() => {});
    } else if (frame.to === 'hub' && frame.name === '') this.#greet(session, frame);
    else this.#pass(session, frame);
  }

  /** A greeting is answered with where the other sockets are; a farewell forgets the session. */
  #greet(session: string, frame: Frame): void {
    if (frame.kind === 'leave') {
      this.#forget(session);
      return;
    }
    this.#routing.add(session);
    const { pull, publisher } = this.#sockets;
    const portOf = (endpoint: string | null) => Number(new URL(endpoint!).port);
    const ports = { pull: portOf(pull.lastEndpoint), publish: portOf(publisher.lastEndpoint) };
    const text = JSON.stringify({ hub: this.#id, ...ports });
    this.#deliver(session, {
      ...frame,
      to: 'endpoint',
      name: session,
      kind: 'joined',
      text,
      payload: NO_BYTES,
    });
  }

  #pass(session: string, frame: Frame): void {
    for (const delivery of this.#routing.route(session, frame))
      this.#deliver(delivery.session, delivery.frame);
  }

  #deliver(session: string, frame: Frame): void {
    if (this.#waiting >= SESSION_QUEUE_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#waiting += 1;
    const isDone = (): void => {
      this.#waiting -= 1;
    };
    this.#router.write([session, encodeFrame(frame)]).then(isDone, () => {
      isDone();
      this.#dropped += 1;
    });
  }

  #sweep(): void {
    this.#cancelSweep = this.#clock.schedule(PING_MS, () => {
      const nowMs = this.#clock.nowMs();
      for (const [session, heardMs] of this.#heardMs)
        if (nowMs - heardMs > SILENCE_MS_MAX) this.#forget(session);
      this.#sweep();
    });
  }

  #forget(session: string): void {
    this.#heardMs.delete(session);
    this.#routing.remove(session);
  }

  /** A loop ends when its socket is closed. */
  async #run(loop: () => Promise<void>): Promise<void> {
    await loop().catch(() => {});
  }
}

/** A frame that cannot be read is dropped: what its sender waits for ends by its own deadline. */
function read(bytes: Buffer | undefined): Frame | undefined {
  try {
    return bytes && decodeFrame(bytes);
  } catch {
    return undefined;
  }
}
