/** What one broker asked its hub and waits for, each with a deadline. */
import { AnantError, type Clock } from '@anant/core';
import { CONNECT_MS_MAX } from './limits.js';

export class HubAnswers {
  readonly #clock: Clock;
  readonly #address: string;
  readonly #timeoutMs: number;
  readonly #waits = new Map<string, (text: string) => void>();
  #asked = 0;

  constructor(clock: Clock, address: string, timeoutMs = CONNECT_MS_MAX) {
    this.#clock = clock;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  newId(): string {
    this.#asked += 1;
    return `${this.#asked}`;
  }

  /** @throws AnantError `E_BACKEND_UNAVAILABLE` at the deadline. */
  wait(id: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(this.#timeoutMs, () => {
        this.#waits.delete(id);
        const message = `The hub ${this.#address} did not answer within ${this.#timeoutMs} ms.`;
        reject(new AnantError('E_BACKEND_UNAVAILABLE', message, { retryable: true }));
      });
      this.#waits.set(id, (text) => {
        cancel();
        this.#waits.delete(id);
        resolve(text);
      });
    });
  }

  /** An answer that nobody waits for any more is dropped. */
  settle(id: string, text: string): void {
    this.#waits.get(id)?.(text);
  }
}
