/** Progress of one task, for any number of readers. */
import { BoundedChannel } from '../bounded-channel.js';
import { PROGRESS_BUFFER_MAX } from '../limits.js';
import type { Progress } from '../types/index.js';

export class ProgressFeed {
  #latest: Progress | undefined;
  #isEnded = false;
  readonly #readers = new Set<BoundedChannel<Progress>>();

  push(progress: Progress): void {
    this.#latest = progress;
    for (const reader of this.#readers) reader.push(progress);
  }

  end(): void {
    this.#isEnded = true;
    for (const reader of [...this.#readers]) reader.end();
  }

  /** From the latest report on. */
  read(): AsyncIterable<Progress> {
    const reader: BoundedChannel<Progress> = new BoundedChannel({
      bufferMax: PROGRESS_BUFFER_MAX,
      onClose: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    if (this.#latest !== undefined) reader.push(this.#latest);
    if (this.#isEnded) reader.end();
    return reader;
  }
}
