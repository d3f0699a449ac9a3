/** Lets a start wait until the head has answered, then a while longer for the first worker. */
import type { AnantError } from '@anant/core';

/** How long a start waits for the first worker: without one, tasks wait at the head. */
const FIRST_WORKER_MS_MAX = 10_000;

export class StartGate {
  #onOpened: (() => void) | undefined;
  #onCapacity: ((slots: number) => void) | undefined;
  #onFailed: ((error: AnantError) => void) | undefined;

  opened(): void {
    this.#onOpened?.();
  }

  capacity(slots: number): void {
    this.#onCapacity?.(slots);
  }

  failed(error: AnantError): void {
    this.#onFailed?.(error);
  }

  /** @param overdue what is thrown when the head has not answered by then */
  async head(timeoutMs: number, overdue: () => AnantError): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#onOpened = resolve;
        this.#onFailed = reject;
        timer = setTimeout(() => reject(overdue()), timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.#onOpened = undefined;
      this.#onFailed = undefined;
    }
  }

  async firstWorker(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(timeoutMs, FIRST_WORKER_MS_MAX));
      this.#onCapacity = (slots) => {
        if (slots > 0) resolve();
      };
    });
    clearTimeout(timer);
    this.#onCapacity = undefined;
  }
}
