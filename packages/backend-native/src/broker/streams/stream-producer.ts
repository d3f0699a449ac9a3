/** The sending end of a stream: items in chunks, never more than the reader gave credit for. */
import { AnantError, type Clock } from '@anant/core';
import { grantCredit, newSenderFlow, takeCredit } from '../../protocol/flow/stream-flow.js';
import { type Frame, NO_BYTES } from '../frame.js';
import { CHUNK_BYTES_MAX, ITEM_BYTES_MAX, SILENCE_MS_MAX } from '../limits.js';
import type { Transport } from '../transport.js';
import { toErrorText } from '../wire-error.js';

export class StreamProducer {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #peer: string;
  readonly #id: string;
  readonly #abort = new AbortController();
  #flow = newSenderFlow();
  #wake: (() => void) | undefined;
  #heardMs: number;

  constructor(transport: Transport, clock: Clock, opening: Frame) {
    this.#transport = transport;
    this.#clock = clock;
    this.#peer = opening.from;
    this.#id = opening.id;
    this.#heardMs = clock.nowMs();
    this.#flow = grantCredit(this.#flow, opening.number);
  }

  /** Aborted when the reader is gone. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Sends every item, then the end; an error of the source is sent as the stream's error. */
  async run(items: AsyncIterable<Uint8Array>): Promise<void> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        await this.#sendItem(next.value);
      }
      await this.#post('end', this.#flow.next, '', NO_BYTES);
    } catch (error) {
      void iterator.return?.().catch(() => {});
      if (!this.signal.aborted) await this.#post('error', 0, toErrorText(error), NO_BYTES);
    }
  }

  /** A frame of the reader. */
  receive(frame: Frame): void {
    if (frame.from !== this.#peer) return;
    this.#heardMs = this.#clock.nowMs();
    if (frame.kind === 'credit') this.#flow = grantCredit(this.#flow, frame.number);
    if (frame.kind === 'cancel' || frame.kind === 'error')
      this.abort(new AnantError('E_CANCELLED', 'The reader left the stream.'));
    this.#wake?.();
  }

  /** Shows that this end lives; ends the stream when the other does not. */
  ping(): void {
    if (this.#clock.nowMs() - this.#heardMs > SILENCE_MS_MAX)
      this.abort(new AnantError('E_LOST', `The reader was silent for ${SILENCE_MS_MAX} ms.`));
    else void this.#post('ping', 0, '', NO_BYTES).catch(() => {});
  }

  abort(error: Error): void {
    this.#abort.abort(error);
    this.#wake?.();
  }

  async #sendItem(item: Uint8Array): Promise<void> {
    if (item.length > ITEM_BYTES_MAX)
      throw new AnantError(
        'E_PAYLOAD_TOO_LARGE',
        `An item has ${item.length} bytes, ${ITEM_BYTES_MAX} is the most.`,
      );
    for (let at = 0; ; at += CHUNK_BYTES_MAX) {
      const isLast = at + CHUNK_BYTES_MAX >= item.length;
      const number = await this.#credit();
      await this.#post('chunk', number, isLast ? 'last' : 'more', item.subarray(at, at + CHUNK_BYTES_MAX));
      if (isLast) return;
    }
  }

  /** Waits for credit; the silence of the reader, not the length of its pause, ends the wait. */
  async #credit(): Promise<number> {
    for (;;) {
      this.signal.throwIfAborted();
      const taken = takeCredit(this.#flow);
      if (taken) {
        const number = this.#flow.next;
        this.#flow = taken;
        return number;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #post(kind: Frame['kind'], number: number, text: string, payload: Uint8Array): Promise<void> {
    const from = this.#transport.endpoint;
    return this.#transport.post({
      to: 'endpoint',
      name: this.#peer,
      from,
      kind,
      id: this.#id,
      number,
      text,
      payload,
    });
  }
}
