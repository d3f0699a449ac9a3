/** A broker's three sockets to a ZeroMQ hub; `pickZeroMqPattern` says which one carries what. */
import { AnantError, type Clock, systemClock } from '@anant/core';
import type { Dealer, Push, Subscriber } from 'zeromq';
import { curveClientOptions } from '../../cluster/security/curve-sockets.js';
import { forReading, forWriting, ZMQ_SOCKET_OPTIONS } from '../../cluster/security/limits.js';
import type { NodeIdentity } from '../../cluster/security/node-identity.js';
import type { NodeSecurity } from '../../cluster/security/node-security.js';
import { newRoutingId } from '../../cluster/security/peer-bindings.js';
import { decodeFrame, encodeFrame, type Frame, NO_BYTES } from '../frame.js';
import { HubAnswers } from '../hub-answers.js';
import { PING_MS, SILENCE_MS_MAX } from '../limits.js';
import type { Membership, Transport, TransportEvents } from '../transport.js';
import { SocketWriter } from './socket-writer.js';
import { READY_TOPIC, topicOf } from './zeromq-hub.js';
import { pickZeroMqPattern } from './zeromq-pattern.js';

export interface ZeroMqTransportOptions {
  /** Address of the hub, such as `tcp://127.0.0.1:7710`. */
  readonly address: string;
  /** The own identity and the hub's: CURVE. */
  readonly curve?: { readonly security: NodeSecurity; readonly hub: NodeIdentity };
  /** Longest wait for the hub's answer. @default 10,000 */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
}

interface Welcome {
  readonly hub: string;
  readonly pull: number;
  readonly publish: number;
}

export class ZeroMqTransport implements Transport {
  readonly name = 'zeromq';
  readonly endpoint = newRoutingId();
  readonly #options: ZeroMqTransportOptions;
  readonly #clock: Clock;
  readonly #answers: HubAnswers;
  #dealer!: Dealer;
  #push!: Push;
  #subscriber!: Subscriber;
  #toHub!: SocketWriter<Buffer>;
  #toWork!: SocketWriter<Buffer>;
  #events!: TransportEvents;
  #hub: string | undefined;
  #heardMs = 0;
  #cancelPing: (() => void) | undefined;
  #isClosed = false;

  /** @throws AnantError `E_CONFIG_INVALID` for an address that is none */
  constructor(options: ZeroMqTransportOptions) {
    checkAddress(options.address);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#answers = new HubAnswers(this.#clock, options.address, options.connectTimeoutMs);
  }

  async open(events: TransportEvents): Promise<void> {
    this.#events = events;
    const zeromq = await import('zeromq');
    const { address, curve } = this.#options;
    const limits = curve ? curveClientOptions(curve.security, curve.hub) : ZMQ_SOCKET_OPTIONS;
    this.#dealer = new zeromq.Dealer({ ...limits, routingId: this.endpoint });
    this.#push = new zeromq.Push(forWriting(limits));
    this.#subscriber = new zeromq.Subscriber(forReading(limits));
    this.#toHub = new SocketWriter<Buffer>(this.#dealer);
    this.#toWork = new SocketWriter<Buffer>(this.#push);
    this.#dealer.connect(address);
    void this.#run(() => this.#serveDealer());
    void this.#run(() => this.#serveSubscriber());
    try {
      const welcome = JSON.parse(await this.#ask('join', '', '')) as Welcome;
      this.#hub = welcome.hub;
      const at = (port: number) => `tcp://${new URL(address).hostname}:${port}`;
      this.#push.connect(at(welcome.pull));
      this.#subscriber.connect(at(welcome.publish));
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#heardMs = this.#clock.nowMs();
    this.#ping();
  }

  async post(frame: Frame): Promise<void> {
    if (this.#isClosed) throw new AnantError('E_BACKEND_CLOSED', 'The broker is closed.');
    const bytes = encodeFrame(frame);
    const { pattern } = pickZeroMqPattern({
      answers: frame.kind === 'request' ? 'one' : frame.kind === 'open' ? 'many' : 'none',
      receivers: frame.to === 'one' ? 'any' : frame.to === 'all' ? 'all' : 'named',
      bytes: frame.payload.length,
    });
    // The other three patterns leave by the DEALER; the hub publishes, replies and routes.
    await (pattern === 'push-pull' ? this.#toWork : this.#toHub).write(bytes);
  }

  async join(membership: Membership, subject: string): Promise<void> {
    if (membership === 'one') {
      await this.#ask('join', subject, membership);
      return;
    }
    this.#subscriber.subscribe(topicOf(subject));
    const topic = `${READY_TOPIC}${this.endpoint}/${this.#answers.newId()}`;
    const ready = this.#answers.wait(topic);
    this.#subscriber.subscribe(topic);
    await ready.finally(() => this.#subscriber.unsubscribe(topic));
  }

  async leave(membership: Membership, subject: string): Promise<void> {
    if (this.#isClosed) return;
    if (membership === 'all') this.#subscriber.unsubscribe(topicOf(subject));
    else await this.#ask('leave', subject, membership);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelPing?.();
    const farewell = this.#command('leave', '', '', '');
    const limit = new Promise<void>((resolve) => this.#clock.schedule(PING_MS, resolve));
    await Promise.race([this.#toHub.write(farewell), limit]).catch(() => {});
    // What was handed over before is on its way; `linger` bounds how long it is kept.
    this.#dealer.linger = PING_MS;
    this.#push.linger = PING_MS;
    for (const socket of [this.#dealer, this.#push, this.#subscriber]) socket.close();
  }

  async #serveDealer(): Promise<void> {
    for await (const [bytes] of this.#dealer) {
      const frame = decodeFrame(bytes!);
      this.#heardMs = this.#clock.nowMs();
      if (frame.kind === 'joined') this.#joined(frame);
      else this.#events.onReceived({ frame });
    }
  }

  async #serveSubscriber(): Promise<void> {
    for await (const [topic, bytes] of this.#subscriber) {
      const name = topic!.toString();
      if (name.startsWith(READY_TOPIC)) this.#answers.settle(name, '');
      else this.#events.onReceived({ frame: decodeFrame(bytes!) });
    }
  }

  #joined(frame: Frame): void {
    this.#answers.settle(frame.id, frame.text);
    const isGreeting = frame.id.startsWith('ping/');
    const welcome = isGreeting ? (JSON.parse(frame.text) as Welcome) : undefined;
    if (welcome && this.#hub !== undefined && welcome.hub !== this.#hub) this.#down('the hub was restarted');
  }

  /** Greets the hub now and then: it forgets the silent, and a hub that was restarted has another id. */
  #ping(): void {
    this.#cancelPing = this.#clock.schedule(PING_MS, () => {
      if (this.#clock.nowMs() - this.#heardMs > SILENCE_MS_MAX) this.#down('the hub is silent');
      else {
        void this.#toHub.write(this.#command('join', '', '', 'ping/')).catch(() => {});
        this.#ping();
      }
    });
  }

  #down(problem: string): void {
    if (this.#isClosed) return;
    this.#cancelPing?.();
    this.#events.onDown(
      new AnantError('E_LOST', `The broker lost its hub: ${problem}.`, { retryable: true }),
    );
  }

  #ask(kind: 'join' | 'leave', subject: string, text: string): Promise<string> {
    const id = this.#answers.newId();
    const answer = this.#answers.wait(id);
    this.#toHub.write(this.#command(kind, subject, text, id)).catch(() => {});
    return answer;
  }

  #command(kind: 'join' | 'leave', name: string, text: string, id: string): Buffer {
    return encodeFrame({
      to: 'hub',
      name,
      from: this.endpoint,
      kind,
      id,
      number: 0,
      text,
      payload: NO_BYTES,
    });
  }

  async #run(loop: () => Promise<void>): Promise<void> {
    await loop().catch((error: Error) => this.#down(error.message));
  }
}

function checkAddress(address: string): void {
  if (/^tcp:\/\/[^/]+:\d{1,5}$/.test(address)) return;
  throw new AnantError('E_CONFIG_INVALID', `"${address}" is no address of a ZeroMQ hub.`, {
    advice: 'Write tcp://HOST:PORT, as `address` of the hub says it.',
  });
}
