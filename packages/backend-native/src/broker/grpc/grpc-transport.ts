/** A broker's bidirectional stream to a gRPC hub. */
import { AnantError, type Clock, systemClock } from '@anant/core';
import { ChannelCredentials, Client, type ClientDuplexStream, Metadata } from '@grpc/grpc-js';
import { channelCredentials, type ExpectedServer } from '../../cluster/security/grpc-credentials.js';
import { GRPC_CHANNEL_OPTIONS } from '../../cluster/security/limits.js';
import type { NodeSecurity } from '../../cluster/security/node-security.js';
import { newRoutingId } from '../../cluster/security/peer-bindings.js';
import { decodeFrame, encodeFrame, type Frame, NO_BYTES } from '../frame.js';
import { HubAnswers } from '../hub-answers.js';
import { CONNECT_MS_MAX } from '../limits.js';
import type { Membership, Transport, TransportEvents } from '../transport.js';
import { CONNECT_METHOD, ENDPOINT_KEY } from './grpc-method.js';

export interface GrpcTransportOptions {
  /** Address of the hub, such as `127.0.0.1:7720`. */
  readonly address: string;
  /** Mutual TLS: the own identity and whom the hub must be. */
  readonly tls?: { readonly security: NodeSecurity; readonly hub: ExpectedServer };
  /** Longest wait for the hub's answer. @default 10,000 */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
}

export class GrpcTransport implements Transport {
  readonly name = 'grpc';
  readonly endpoint = newRoutingId();
  readonly #options: GrpcTransportOptions;
  readonly #clock: Clock;
  readonly #answers: HubAnswers;
  #client!: Client;
  #call!: ClientDuplexStream<Buffer, Buffer>;
  #events!: TransportEvents;
  #drained: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: GrpcTransportOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#answers = new HubAnswers(this.#clock, options.address, options.connectTimeoutMs);
  }

  async open(events: TransportEvents): Promise<void> {
    this.#events = events;
    const { address, tls } = this.#options;
    const credentials = tls ? channelCredentials(tls.security, tls.hub) : ChannelCredentials.createInsecure();
    this.#client = new Client(address, credentials, GRPC_CHANNEL_OPTIONS);
    const metadata = new Metadata({ waitForReady: true });
    metadata.set(ENDPOINT_KEY, this.endpoint);
    const { path, requestSerialize, responseDeserialize } = CONNECT_METHOD;
    this.#call = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
    this.#call.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#call.on('end', () => this.#down('it ended the stream'));
    this.#call.on('error', (error) => this.#down(error.message));
    try {
      await this.#ask('join', '', 'one');
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Waits while HTTP/2's window is full. */
  async post(frame: Frame): Promise<void> {
    if (this.#isClosed) throw new AnantError('E_BACKEND_CLOSED', 'The broker is closed.');
    while (this.#drained) await this.#drained;
    if (this.#call.write(encodeFrame(frame))) return;
    this.#drained ??= new Promise((resolve) => {
      const done = () => {
        for (const event of ['drain', 'close', 'error']) this.#call.off(event, done);
        this.#drained = undefined;
        resolve();
      };
      for (const event of ['drain', 'close', 'error']) this.#call.on(event, done);
    });
  }

  join(membership: Membership, subject: string): Promise<void> {
    return this.#ask('join', subject, membership);
  }

  leave(membership: Membership, subject: string): Promise<void> {
    return this.#isClosed ? Promise.resolve() : this.#ask('leave', subject, membership);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const ended = new Promise<void>((resolve) => {
      this.#clock.schedule(CONNECT_MS_MAX / 10, resolve);
      this.#call.on('status', () => resolve());
    });
    this.#call.end();
    await ended;
    this.#call.cancel();
    this.#client.close();
  }

  #receive(bytes: Buffer): void {
    try {
      const frame = decodeFrame(bytes);
      if (frame.kind === 'joined') this.#answers.settle(frame.id, frame.text);
      else this.#events.onReceived({ frame });
    } catch (error) {
      this.#down((error as Error).message);
    }
  }

  #down(problem: string): void {
    if (this.#isClosed) return;
    const message = `The broker lost its hub ${this.#options.address}: ${problem}`;
    this.#events.onDown(new AnantError('E_LOST', message, { retryable: true }));
  }

  async #ask(kind: 'join' | 'leave', name: string, text: string): Promise<void> {
    const id = this.#answers.newId();
    const answered = this.#answers.wait(id);
    // Whoever cannot send will not be answered either.
    answered.catch(() => {});
    const from = this.endpoint;
    await this.post({ to: 'hub', name, from, kind, id, number: 0, text, payload: NO_BYTES });
    await answered;
  }
}
