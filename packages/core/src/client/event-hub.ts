/** Whoever reads `client.events()`. */
import { BoundedChannel } from './bounded-channel.js';
import { EVENTS_BUFFER_MAX } from './limits.js';
import type { ClientEvent, EventsOptions } from './types/index.js';

export class EventHub {
  readonly #readers = new Set<BoundedChannel<ClientEvent>>();

  /** Whether anyone listens: making an event costs more than asking. */
  get isActive(): boolean {
    return this.#readers.size > 0;
  }

  emit(event: ClientEvent): void {
    for (const reader of this.#readers) reader.push(event);
  }

  read(options: EventsOptions = {}): AsyncIterable<ClientEvent> {
    const { signal } = options;
    const leave = () => reader.end();
    const reader: BoundedChannel<ClientEvent> = new BoundedChannel<ClientEvent>({
      bufferMax: EVENTS_BUFFER_MAX,
      onDrop: (count) => ({ type: 'events-drop', count }),
      onClose: () => {
        this.#readers.delete(reader);
        signal?.removeEventListener('abort', leave);
      },
    });
    this.#readers.add(reader);
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted) reader.end();
    return reader;
  }

  end(): void {
    for (const reader of [...this.#readers]) reader.end();
  }
}
