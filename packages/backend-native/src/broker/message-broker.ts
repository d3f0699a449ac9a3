/**
 * One interface to four ways of talking: ask and be answered, tell everyone, hand work to one, stream. Which transport
 * carries it is chosen where the broker is opened; what each cell promises is in `guarantees.ts`.
 */
import { AnantError, type Clock, systemClock } from '@anant/core';
import { checkSubject, type Frame, type FrameKind } from './frame.js';
import { GUARANTEES, type Guarantee, type PatternName, type TransportName } from './guarantees.js';
import { Inbox, type MessageHandler } from './inbox.js';
import { MESSAGE_BYTES_MAX, SUBJECTS_MAX } from './limits.js';
import { type RequestHandler, type RequestOptions, Requests } from './requests.js';
import { type StreamHandler, type StreamOptions, Streams } from './streams/streams.js';
import type { Membership, Received, Transport } from './transport.js';

export interface Subscription extends AsyncDisposable {
  readonly subject: string;
  /** Messages dropped because the handler was too slow. */
  readonly dropped: number;
  close(): Promise<void>;
}

export interface BrokerOptions {
  readonly clock?: Clock;
  /** A handler threw, or a frame could not be read or sent. @default ignored */
  readonly onProblem?: (error: unknown) => void;
}

export class MessageBroker implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #requests: Requests;
  readonly #streams: Streams;
  readonly #onProblem: (error: unknown) => void;
  readonly #subscribers = new Map<string, Set<Inbox>>();
  readonly #workers = new Map<string, Inbox>();
  #end: Error | undefined;

  private constructor(transport: Transport, { clock = systemClock, onProblem = () => {} }: BrokerOptions) {
    this.#transport = transport;
    this.#requests = new Requests(transport, clock);
    this.#streams = new Streams(transport, clock);
    this.#onProblem = onProblem;
  }

  /** @throws AnantError `E_BACKEND_UNAVAILABLE` when the transport's hub or server does not answer in time. */
  static async open(transport: Transport, options: BrokerOptions = {}): Promise<MessageBroker> {
    const broker = new MessageBroker(transport, options);
    await transport.open({
      onReceived: (received) => broker.#receive(received),
      onDown: (error) => broker.#abort(error),
    });
    return broker;
  }

  get transport(): TransportName {
    return this.#transport.name;
  }

  /** Random, unique to this broker. */
  get endpoint(): string {
    return this.#transport.endpoint;
  }

  /** Requests, handlers and streams that are open. */
  get openCount(): number {
    return this.#requests.openCount + this.#streams.openCount;
  }

  guarantee(pattern: PatternName): Guarantee {
    return GUARANTEES[this.#transport.name][pattern];
  }

  /**
   * Asks one of those who serve the subject.
   * @throws AnantError the handler's error as `E_APP_ERROR` or its own code; `E_TIMEOUT` after `timeoutMs`: the handler
   * may have run; `E_BACKEND_UNAVAILABLE` when nobody serves; `E_PAYLOAD_TOO_LARGE` above 512 KiB.
   */
  async request(subject: string, payload: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    this.#check(payload);
    return await this.#requests.ask(`request/${checkSubject(subject)}`, payload, options);
  }

  /** Answers requests; several brokers may serve one subject and take turns. */
  async serve(subject: string, handler: RequestHandler): Promise<Subscription> {
    const name = `request/${checkSubject(subject)}`;
    this.#requests.serve(name, async (payload, context) => {
      const answer = await handler(payload, context);
      checkBytes(answer);
      return answer;
    });
    return await this.#join('one', name, () => this.#requests.unserve(name));
  }

  /** Tells everyone who subscribed; nobody is a fine answer. */
  async publish(subject: string, payload: Uint8Array): Promise<void> {
    this.#check(payload);
    await this.#post('all', `event/${checkSubject(subject)}`, 'event', payload);
  }

  /** Messages are handled one after the other, in the order of their sender. */
  async subscribe(subject: string, handler: MessageHandler): Promise<Subscription> {
    const name = `event/${checkSubject(subject)}`;
    const inbox = new Inbox(subject, handler, this.#onProblem);
    const inboxes = this.#subscribers.get(name) ?? new Set();
    this.#subscribers.set(name, inboxes.add(inbox));
    const leave = () => {
      inboxes.delete(inbox);
      inbox.close();
    };
    return await this.#join('all', name, leave, inbox, () => inboxes.size === 0);
  }

  /** Hands work to one receiver and asks no more. */
  async send(subject: string, payload: Uint8Array): Promise<void> {
    this.#check(payload);
    await this.#post('one', `work/${checkSubject(subject)}`, 'work', payload);
  }

  /** Takes work; several brokers share a subject. */
  async receive(subject: string, handler: MessageHandler): Promise<Subscription> {
    const name = `work/${checkSubject(subject)}`;
    if (this.#workers.has(name)) throw new TypeError(`"${subject}" has a receiver already.`);
    const inbox = new Inbox(subject, handler, this.#onProblem);
    this.#workers.set(name, inbox);
    const leave = () => {
      this.#workers.delete(name);
      inbox.close();
    };
    return await this.#join('one', name, leave, inbox);
  }

  /**
   * Opens a stream at one of those who serve the subject. Its items come whole, in order, once; reading slowly slows
   * the sender down; leaving the loop ends it at both ends.
   * @throws AnantError from the iterator: the sender's error, `E_LOST` when it broke, `E_BACKEND_UNAVAILABLE`.
   */
  stream(
    subject: string,
    opening: Uint8Array,
    options: StreamOptions = {},
  ): AsyncGenerator<Uint8Array, void> {
    this.#check(opening);
    return this.#streams.read(`open/${checkSubject(subject)}`, opening, options);
  }

  async serveStream(subject: string, handler: StreamHandler): Promise<Subscription> {
    const name = `open/${checkSubject(subject)}`;
    this.#streams.serve(name, handler);
    return await this.#join('one', name, () => this.#streams.unserve(name));
  }

  /** Ends requests and streams with `E_BACKEND_CLOSED`, then the connection. Closing twice is fine. */
  async close(): Promise<void> {
    this.#abort(new AnantError('E_BACKEND_CLOSED', 'The broker was closed.'));
    await this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(received: Received): void {
    const { frame } = received;
    switch (frame.kind) {
      case 'request':
        received.acknowledge?.();
        this.#requests.handle(frame).catch(this.#onProblem);
        break;
      case 'open':
        received.acknowledge?.();
        this.#streams.open(frame).catch(this.#onProblem);
        break;
      case 'answer':
        this.#requests.settle(frame);
        break;
      case 'error':
        if (this.#requests.settle(frame) === 'unknown') this.#streams.receive(frame);
        break;
      case 'event':
        for (const inbox of this.#subscribers.get(frame.name) ?? []) inbox.add(received);
        break;
      case 'work':
        this.#workers.get(frame.name)?.add(received);
        break;
      default:
        this.#streams.receive(frame);
    }
  }

  async #join(
    membership: Membership,
    name: string,
    onLeave: () => void,
    inbox?: Inbox,
    isLast: () => boolean = () => true,
  ): Promise<Subscription> {
    const leave = async (): Promise<void> => {
      onLeave();
      if (this.#end === undefined && isLast()) await this.#transport.leave(membership, name);
    };
    try {
      this.#checkOpen();
      if (this.#subscribers.size + this.#workers.size > SUBJECTS_MAX)
        throw new AnantError('E_QUEUE_FULL', `${SUBJECTS_MAX} subjects are joined.`);
      await this.#transport.join(membership, name);
    } catch (error) {
      onLeave();
      throw error;
    }
    let left: Promise<void> | undefined;
    const close = (): Promise<void> => {
      left ??= leave();
      return left;
    };
    return {
      subject: name.slice(name.indexOf('/') + 1),
      get dropped() {
        return inbox?.dropped ?? 0;
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  }

  async #post(to: Frame['to'], name: string, kind: FrameKind, payload: Uint8Array): Promise<void> {
    const from = this.#transport.endpoint;
    await this.#transport.post({ to, name, from, kind, id: '', number: 0, text: '', payload });
  }

  #abort(error: Error): void {
    if (this.#end) return;
    this.#end = error;
    this.#requests.abort(error);
    this.#streams.abort(error);
    for (const inboxes of this.#subscribers.values()) for (const inbox of inboxes) inbox.close();
    for (const inbox of this.#workers.values()) inbox.close();
  }

  #check(payload: Uint8Array): void {
    this.#checkOpen();
    checkBytes(payload);
  }

  #checkOpen(): void {
    if (this.#end) throw new AnantError('E_BACKEND_CLOSED', this.#end.message, { cause: this.#end });
  }
}

function checkBytes(payload: Uint8Array): void {
  if (payload.length <= MESSAGE_BYTES_MAX) return;
  const message = `A message has ${payload.length} bytes; ${MESSAGE_BYTES_MAX} is the most.`;
  throw new AnantError('E_PAYLOAD_TOO_LARGE', message, { advice: 'Offer it as an object, or stream it.' });
}
