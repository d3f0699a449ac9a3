/** Waits with an end: a moment, or a signal. */
import type { Clock } from '../contract/index.js';
import { AnantError } from '../error/index.js';

/** Settles like `promise`, or rejects with what `onLate` makes after `timeoutMs`. */
export function withDeadline<Value>(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<Value>,
  onLate: () => Error,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () => reject(onLate()));
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}

/** @throws AnantError `E_CANCELLED` when the signal is aborted. @param what For the message. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw aborted(signal, what);
}

/** Settles like `promise`, or rejects with `E_CANCELLED` when the signal is aborted before. */
export function untilAborted<Value>(
  signal: AbortSignal | undefined,
  promise: Promise<Value>,
  what: string,
): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted(signal, what));
    const waits = waitsOn(signal);
    waits.add(onAbort);
    promise.then(resolve, reject).finally(() => waits.leave(onAbort));
    if (signal.aborted) onAbort();
  });
}

const aborted = (signal: AbortSignal, what: string): AnantError =>
  new AnantError('E_CANCELLED', `${what} was given up: its signal is aborted.`, { cause: signal.reason });

/** One listener per signal, however many wait: Node warns of more than ten. */
class Waits {
  readonly #signal: AbortSignal;
  readonly #waiting = new Set<() => void>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  readonly #tell = () => {
    for (const onAbort of this.#waiting) onAbort();
  };

  add(onAbort: () => void): void {
    if (this.#waiting.size === 0) this.#signal.addEventListener('abort', this.#tell, { once: true });
    this.#waiting.add(onAbort);
  }

  leave(onAbort: () => void): void {
    this.#waiting.delete(onAbort);
    if (this.#waiting.size === 0) this.#signal.removeEventListener('abort', this.#tell);
  }
}

const waitsBySignal = new WeakMap<AbortSignal, Waits>();

function waitsOn(signal: AbortSignal): Waits {
  let waits = waitsBySignal.get(signal);
  if (waits === undefined) {
    waits = new Waits(signal);
    waitsBySignal.set(signal, waits);
  }
  return waits;
}
