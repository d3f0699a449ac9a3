/** The reading end of a stream: grants credit as items are read, puts chunks together, and notices gaps and silence. */
import { AnantError, type Clock } from '@anant/core';
import { arrive, consume, newReceiverFlow, type ReceiverFlow } from '../../protocol/flow/stream-flow.js';
import { type Frame, NO_BYTES } from '../frame.js';
import { ITEM_BYTES_MAX, SILENCE_MS_MAX } from '../limits.js';
import type { Transport } from '../transport.js';
import { fromErrorText } from '../wire-error.js';

export interface StreamConsumerOptions {
  readonly id: string;
  readonly subject: string;
  readonly windowChunks: number;
  /** Longest wait for the first sign of the other end. */
  readonly openTimeoutMs: number;
  readonly onClosed: () => void;
}

export class StreamConsumer {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #options: StreamConsumerOptions;
  readonly #chunks: Frame[] = [];
  #flow: ReceiverFlow;
  #peer: string | undefined;
  #end: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;
  #silentAfterMs: number;

  constructor(transport: Transport, clock: Clock, options: StreamConsumerOptions) {
    this.#transport = transport;
    this.#clock = clock;
    this.#options = options;
    this.#flow = newReceiverFlow(options.windowChunks);
    this.#silentAfterMs = clock.nowMs() + options.openTimeoutMs;
  }

  async *items(opening: Uint8Array): AsyncGenerator<Uint8Array, void> {
    const { subject, id } = this.#options;
    try {
      const from = this.#transport.endpoint;
      const number = this.#flow.granted;
      await this.#transport.post({
        to: 'one',
        name: subject,
        from,
        kind: 'open',
        id,
        number,
        text: '',
        payload: opening,
      });
      for (let item = await this.#item(); item; item = await this.#item()) yield item;
    } finally {
      if (!this.#end) await this.#tell('cancel', 0).catch(() => {});
      this.#options.onClosed();
    }
  }

  /** A frame of the sender. */
  receive(frame: Frame): void {
    if (this.#peer !== undefined && frame.from !== this.#peer) return;
    // An error may come from the hub: nobody serves the subject.
    if (frame.kind !== 'error') this.#peer ??= frame.from;
    this.#silentAfterMs = this.#clock.nowMs() + SILENCE_MS_MAX;
    if (frame.kind === 'chunk') this.#chunk(frame);
    else if (frame.kind === 'error') this.fail(fromErrorText(frame.text));
    else if (frame.kind === 'end') {
      const missing = frame.number - this.#flow.expected;
      const lost = missing === 0 ? undefined : this.#lost(`${missing} chunks before the end are missing`);
      this.#finish(lost);
    }
  }

  ping(): void {
    if (this.#clock.nowMs() > this.#silentAfterMs) this.fail(this.#lost('the sender was silent'));
    else void this.#tell('ping', 0).catch(() => {});
  }

  /** Ends the stream; what arrived whole before can still be read. */
  fail(error: Error): void {
    void this.#tell('cancel', 0).catch(() => {});
    this.#finish(error);
  }

  #chunk(frame: Frame): void {
    const [flow, arrival] = arrive(this.#flow, frame.number);
    this.#flow = flow;
    if (arrival === 'repeated' || this.#end) return;
    if (arrival === 'accept') {
      this.#chunks.push(frame);
      this.#wake?.();
    } else this.fail(this.#lost(arrival === 'gap' ? 'a chunk is missing' : 'the sender ignored its credit'));
  }

  #finish(error: Error | undefined): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async #item(): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (let bytes = 0; ; ) {
      const chunk = await this.#next();
      if (!chunk) {
        if (parts.length > 0) throw this.#lost('the last item is not whole');
        return undefined;
      }
      parts.push(chunk.payload);
      bytes += chunk.payload.length;
      if (bytes > ITEM_BYTES_MAX) throw this.#lost(`an item has more than ${ITEM_BYTES_MAX} bytes`);
      const [flow, limit] = consume(this.#flow);
      this.#flow = flow;
      if (limit !== undefined && !this.#end) await this.#tell('credit', limit);
      if (chunk.text === 'last') return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    }
  }

  async #next(): Promise<Frame | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) return chunk;
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #tell(kind: 'credit' | 'ping' | 'cancel', number: number): Promise<void> {
    if (this.#peer === undefined) return;
    const { endpoint: from } = this.#transport;
    const { id } = this.#options;
    const payload = NO_BYTES;
    await this.#transport.post({
      to: 'endpoint',
      name: this.#peer,
      from,
      kind,
      id,
      number,
      text: '',
      payload,
    });
  }

  #lost(problem: string): AnantError {
    return new AnantError('E_LOST', `The stream "${this.#options.subject}" broke: ${problem}.`, {
      retryable: true,
      advice: 'Open it again; an object is fetched on from where it broke.',
    });
  }
}
