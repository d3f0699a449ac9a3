/**
 * A stream to the head that comes back: opened again after a jittered, doubling pause whenever it ends, until it is
 * closed. What is said on it is its owner's affair, and starts anew on every connection.
 */
import { AnantError } from '@anant/core';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { INTRODUCTION_MS_MAX, RECONNECT_MS_MAX, RECONNECT_MS_MIN } from '../limits.js';
import type { NodeSecurity } from '../security/node-security.js';
import { controlError } from './control-channel.js';
import { MessageStream } from './message-stream.js';

export interface StreamWaits {
  /** Longest pause before the next connection. @default RECONNECT_MS_MAX */
  readonly pauseMsMax?: number;
  /** Longest wait for `established`. @default INTRODUCTION_MS_MAX */
  readonly introductionMsMax?: number;
}

export interface PersistentStreamOptions<Request, Response> {
  /** What is tried, for error messages: `reach the head at …`. */
  readonly purpose: string;
  /** Asked at every connection, since further heads may be known by then. @default StreamWaits' defaults */
  readonly waits?: () => StreamWaits;
  readonly open: () => ClientDuplexStream<Request, Response>;
  /** Where its certificate is renewed: one that is refused may have a successor. */
  readonly security?: Pick<NodeSecurity, 'own' | 'reload'> | undefined;
  /** The first message of every connection. */
  readonly introduce: () => Request;
  /** Whether this message says that the introduction was accepted. */
  readonly onMessage: (message: Response) => void;
  /** A connection ended, or could not be made. Not called after `close`. */
  readonly onDown: (error: AnantError) => void;
}

export class PersistentStream<Request, Response> {
  readonly #options: PersistentStreamOptions<Request, Response>;
  #call: ClientDuplexStream<Request, Response> | undefined;
  #stream: MessageStream<Request> | undefined;
  #pauseMs = RECONNECT_MS_MIN;
  #timer: NodeJS.Timeout | undefined;
  #introduction: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PersistentStreamOptions<Request, Response>) {
    this.#options = options;
  }

  /** Connects, and from then on stays connected. */
  start(): void {
    if (this.#isClosed) return;
    const shown = this.#options.security?.own.certificate;
    const call = this.#options.open();
    const stream = new MessageStream<Request>(call, () => call.cancel());
    this.#call = call;
    this.#stream = stream;
    let isOver = false;
    const over = (error: unknown) => {
      if (isOver) return;
      isOver = true;
      stream.drop();
      call.cancel();
      clearTimeout(this.#introduction);
      if (this.#call === call) this.#over(controlError(this.#options.purpose, error), shown);
    };
    call.on('data', (message: Response) => {
      if (!isOver && !this.#isClosed) this.#options.onMessage(message);
    });
    call.on('error', over);
    call.on('end', () => over(new Error('The head ended the connection.')));
    const { introductionMsMax = INTRODUCTION_MS_MAX } = this.#waits;
    this.#introduction = setTimeout(
      () => over(new Error(`The head did not answer within ${introductionMsMax} ms.`)),
      introductionMsMax,
    );
    stream.write(this.#options.introduce());
  }

  /** The head accepted the introduction: the next loss is followed by a short pause again. */
  established(): void {
    clearTimeout(this.#introduction);
    this.#pauseMs = RECONNECT_MS_MIN;
  }

  /** What is written while there is no connection is dropped: the owner says it anew when there is one. */
  write(message: Request, bytes?: number): void {
    this.#stream?.write(message, bytes);
  }

  /** Ends this connection and makes another one. */
  restart(): void {
    this.#call?.cancel();
  }

  /** Sends what was written and ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#introduction);
    this.#stream?.end();
  }

  /** Ends it without sending what is left. */
  abort(): void {
    this.close();
    this.#call?.cancel();
  }

  get #waits(): StreamWaits {
    return this.#options.waits?.() ?? {};
  }

  #over(error: AnantError, shown: string | undefined): void {
    this.#call = undefined;
    this.#stream = undefined;
    const { security } = this.#options;
    if (error.code !== 'E_IDENTITY_REFUSED' || security === undefined) {
      this.#down(error);
      return;
    }
    // The head may hear that the certificate before this one is revoked before this process hears of the new one.
    void security.reload().then(() => {
      this.#down(security.own.certificate === shown ? error : supersede(error));
    });
  }

  #down(error: AnantError): void {
    if (this.#isClosed) return;
    const delayMs = this.#pauseMs * (0.5 + Math.random() / 2);
    this.#pauseMs = Math.min(this.#waits.pauseMsMax ?? RECONNECT_MS_MAX, 2 * this.#pauseMs);
    this.#timer = setTimeout(() => this.start(), delayMs);
    this.#options.onDown(error);
  }
}

const supersede = (cause: AnantError): AnantError =>
  new AnantError('E_BACKEND_UNAVAILABLE', `${cause.message} This process has a new certificate by now.`, {
    cause,
    retryable: true,
  });
