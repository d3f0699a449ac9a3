/** Keeps the process alive while there is something to wait for, and not a moment longer. */
const FOR_EVER_MS = 2 ** 30;

export class KeepAlive {
  readonly #timer = setInterval(() => {}, FOR_EVER_MS).unref();

  hold(): void {
    this.#timer.ref();
  }

  letGo(): void {
    this.#timer.unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
