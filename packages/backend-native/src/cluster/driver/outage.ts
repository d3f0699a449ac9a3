/** The time without a head, and what is known of it: how the connection broke, and what came of every attempt since. */
import { AnantError } from '@anant/core';

export class Outage {
  readonly #purpose: string;
  #first: AnantError | undefined;
  #last: AnantError | undefined;
  #attempts = 0;

  /** @param purpose what is tried, as in the messages of the errors: `reach the head at …` */
  constructor(purpose: string) {
    this.#purpose = purpose;
  }

  /** A connection broke or could not be made; or the head said why it is about to end one. */
  failed(error: AnantError): void {
    if (this.#first === undefined) this.#first = error;
    else this.#attempts += 1;
    this.#last = error;
  }

  /** There is a connection. */
  over(): void {
    this.#first = undefined;
    this.#last = undefined;
    this.#attempts = 0;
  }

  /** The whole story; the first error when nothing was tried since. */
  story(): AnantError {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined)
      return new AnantError('E_BACKEND_UNAVAILABLE', `Could not ${this.#purpose}.`, { retryable: true });
    if (first === last) return first;
    const times = this.#attempts === 1 ? 'One attempt' : `${this.#attempts} attempts`;
    const since = `${times} since then failed, the last one so: ${this.#wordsOf(last)}`;
    return new AnantError('E_BACKEND_UNAVAILABLE', `${first.message} ${since}`, {
      cause: last,
      retryable: true,
      ...(last.advice !== undefined && { advice: last.advice }),
    });
  }

  #wordsOf({ message }: AnantError): string {
    return message.replace(`Could not ${this.#purpose}: `, '');
  }
}
