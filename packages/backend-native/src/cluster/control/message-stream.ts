/** Writes messages to a gRPC stream and knows how much of them its reader has not taken. */
import { STREAM_BACKLOG_BYTES_MAX } from '../limits.js';

/** What is used of the streams of gRPC, of either end. */
export interface WritableCall<Message> {
  write(message: Message, callback: () => void): unknown;
  end(): void;
}

export class MessageStream<Message> {
  #backlogBytes = 0;
  #isOver = false;

  /** @param onOverflow the reader is too slow: nothing more is written */
  constructor(
    readonly call: WritableCall<Message>,
    private readonly onOverflow: () => void,
  ) {}

  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param bytes about how large it is */
  write(message: Message, bytes = 64): void {
    if (this.#isOver) return;
    this.#backlogBytes += bytes;
    if (this.#backlogBytes > STREAM_BACKLOG_BYTES_MAX) {
      this.#isOver = true;
      this.onOverflow();
      return;
    }
    this.call.write(message, () => {
      this.#backlogBytes -= bytes;
    });
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.call.end();
  }

  /** The other end is gone; what is written from now on is dropped. */
  drop(): void {
    this.#isOver = true;
  }
}
