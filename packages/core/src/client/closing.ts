/** Closing a client in two phases: let what is open end, then stop the backends. Aborting skips the first. */
import { AnantError } from '../error/index.js';
import type { BackendLane } from './backend/backend-lane.js';
import type { Dispatcher } from './task/dispatcher.js';
import type { CloseOptions } from './types/index.js';

export class Closing {
  readonly #dispatcher: Dispatcher;
  readonly #lanes: ReadonlyMap<string, BackendLane>;
  readonly #onClosed: () => void;
  #closed: Promise<void> | undefined;
  #onDrained: (() => void) | undefined;
  #isStopped = false;

  constructor(dispatcher: Dispatcher, lanes: ReadonlyMap<string, BackendLane>, onClosed: () => void) {
    this.#dispatcher = dispatcher;
    this.#lanes = lanes;
    this.#onClosed = onClosed;
  }

  get state(): 'open' | 'closing' | 'closed' {
    if (this.#closed === undefined) return 'open';
    return this.#isStopped ? 'closed' : 'closing';
  }

  /** @throws AnantError `E_BACKEND_CLOSED` */
  assertOpen(): void {
    if (this.#closed === undefined) return;
    throw new AnantError('E_BACKEND_CLOSED', `The client is ${this.state} and takes no more work.`, {
      advice: 'Submit before close(), or connect again.',
    });
  }

  /** A task ended. */
  onEnded(): void {
    if (this.#onDrained !== undefined && this.#dispatcher.tasks.size === 0) this.#onDrained();
  }

  close({ graceMs = this.#dispatcher.limits.closeGraceMs, signal }: CloseOptions = {}): Promise<void> {
    const cutShort = () => this.#dispatcher.abandonAll(signal?.reason);
    signal?.addEventListener('abort', cutShort, { once: true });
    this.#closed ??= this.#close(graceMs);
    if (signal?.aborted) cutShort();
    return this.#closed.finally(() => signal?.removeEventListener('abort', cutShort));
  }

  abort(reason: unknown): Promise<void> {
    const isClosing = this.#closed !== undefined;
    if (!isClosing) this.#closed = this.#stop(reason);
    // While close() waits, ending every task ends the wait.
    else this.#dispatcher.abandonAll(reason);
    return this.#closed!;
  }

  async #close(graceMs: number): Promise<void> {
    await this.#drained(graceMs);
    await this.#stop(
      new AnantError('E_BACKEND_CLOSED', `The client was closed; the grace of ${graceMs} ms is over.`),
    );
  }

  #drained(graceMs: number): Promise<void> {
    const { tasks, clock } = this.#dispatcher;
    if (tasks.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.schedule(graceMs, () => this.#onDrained?.());
      this.#onDrained = () => {
        this.#onDrained = undefined;
        cancel();
        resolve();
      };
    });
  }

  async #stop(reason: unknown): Promise<void> {
    this.#dispatcher.abandonAll(reason);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop(0)));
    this.#dispatcher.abandonAll(reason);
    this.#isStopped = true;
    this.#dispatcher.keepAlive?.end();
    this.#onClosed();
  }
}
