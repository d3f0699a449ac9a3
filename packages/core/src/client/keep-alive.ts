/** Keeps the process running while tasks are open: the timers of the system clock do not. */

/** The longest interval a timer of Node takes without overflowing; nothing happens at its end. */
const INTERVAL_MS = 2 ** 31 - 1;

export class KeepAlive {
  #timer: ReturnType<typeof setInterval> | undefined;

  hold(): void {
    this.#timer ??= setInterval(() => {}, INTERVAL_MS);
    this.#timer.ref();
  }

  rest(): void {
    this.#timer?.unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
