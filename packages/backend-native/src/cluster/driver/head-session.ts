/** A driver's conversation with its head: opened, kept through broken connections, given up when the head stays away. */

import { AnantError, isErrorCode } from '@anant/core';
import { within } from '../../embedded/within.js';
import { HeadClient } from '../control/head-client.js';
import { PersistentStream } from '../control/persistent-stream.js';
import { type ClusterToken, metadataOf } from '../control/security.js';
import { SessionClient } from '../control/wire/session-wire.js';
import { HEAD_LOST_MS_MAX } from '../limits.js';
import type { PeerCertificates } from '../proto/anant/v1/common.js';
import type {
  OpenSession,
  SchedulerServiceClient,
  SessionClosed,
  SessionOpened,
  SessionRequest,
  SessionResponse,
} from '../proto/anant/v1/scheduler.js';

import type { NodeSecurity } from '../security/node-security.js';
import { Outage } from './outage.js';

export interface HeadSessionOptions {
  readonly address: string;
  readonly token: ClusterToken;
  readonly security: NodeSecurity | undefined;
  readonly introduce: () => OpenSession;
  readonly onOpened: (opened: SessionOpened) => void;
  /** Who may be met on the data plane. */
  readonly onPeers: (peers: PeerCertificates) => void;
  readonly onMessage: (message: NonNullable<SessionResponse['message']>) => void;
  /** The connection broke; another one is being made. */
  readonly onBroken: (error: AnantError) => void;
  /** The head stayed away for too long, or refused: what is open is lost. Another connection is still being tried. */
  readonly onLost: (error: AnantError) => void;
}

export class HeadSession {
  readonly #options: HeadSessionOptions;
  readonly #client: HeadClient<SchedulerServiceClient>;
  readonly #stream: PersistentStream<SessionRequest, SessionResponse>;
  readonly #outage: Outage;
  #lostTimer: NodeJS.Timeout | undefined;
  #onClosed: (() => void) | undefined;
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  /** The head told why it ends this connection. */
  #hasSaidWhy = false;

  constructor(options: HeadSessionOptions) {
    this.#options = options;
    this.#client = new HeadClient(SessionClient, options.address, options.security);
    const purpose = `reach the head at ${options.address}`;
    this.#outage = new Outage(purpose);
    this.#stream = new PersistentStream<SessionRequest, SessionResponse>({
      purpose,
      waits: () => this.#client.route.waits,
      open: () => this.#client.current.session(metadataOf(options.token)),
      security: options.security,
      introduce: () => ({ message: { $case: 'open', value: options.introduce() } }),
      onMessage: ({ message }) => message && this.#receive(message),
      onDown: (error) => this.#down(error),
    });
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get connection(): 'open' | 'broken' {
    return this.isOpen ? 'open' : 'broken';
  }

  start(): void {
    this.#stream.start();
  }

  write(message: NonNullable<SessionRequest['message']>, bytes?: number): void {
    if (this.#state === 'open') this.#stream.write({ message }, bytes);
  }

  /** Tells the head that this driver is done, and waits for its answer at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#state === 'open') {
      const closed = new Promise<void>((resolve) => {
        this.#onClosed = resolve;
      });
      this.write({ $case: 'close', value: {} });
      await within(closed, timeoutMs);
    }
    this.#state = 'closed';
    clearTimeout(this.#lostTimer);
    this.#stream.abort();
    this.#client.close();
  }

  #receive(message: NonNullable<SessionResponse['message']>): void {
    if (message.$case === 'opened') {
      clearTimeout(this.#lostTimer);
      this.#lostTimer = undefined;
      this.#outage.over();
      this.#stream.established();
      this.#state = 'open';
      this.#client.route.learn(message.value.heads);
      this.#options.onOpened(message.value);
    } else if (message.$case === 'closed') this.#closed(message.value);
    else if (message.$case === 'peers') this.#options.onPeers(message.value);
    else if (message.$case === 'heads') this.#client.route.learn(message.value.addresses);
    else if (this.#state === 'open') this.#options.onMessage(message);
  }

  #closed({ code, reason, leader }: SessionClosed): void {
    if (this.#onClosed) {
      this.#onClosed();
      return;
    }
    const advice = 'Check that every part of the cluster has the same version, and that the head has room.';
    const error = new AnantError(isErrorCode(code) ? code : 'E_BACKEND_UNAVAILABLE', reason, { advice });
    this.#state = 'connecting';
    this.#client.route.redirect(leader);
    this.#outage.failed(error);
    this.#hasSaidWhy = true;
    if (error.code === 'E_BACKEND_UNAVAILABLE') this.#options.onBroken(error);
    else this.#options.onLost(error);
  }

  #down(error: AnantError): void {
    this.#onClosed?.();
    if (this.#state === 'closed') return;
    this.#state = 'connecting';
    this.#client.route.failed();
    // That the connection ended is no news, nor a reason, when the head said before why.
    if (!this.#hasSaidWhy) this.#outage.failed(error);
    if (!this.#hasSaidWhy) this.#options.onBroken(error);
    this.#hasSaidWhy = false;
    if (!error.retryable) this.#options.onLost(error);
    this.#lostTimer ??= setTimeout(() => this.#options.onLost(this.#outage.story()), HEAD_LOST_MS_MAX);
  }
}
