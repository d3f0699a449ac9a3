/** One task while it runs on this thread. Most tasks never look at their context, so it is made when first asked for. */

import { OpenCall } from '@anant/bridge/host';
import { systemClock, type TaskContext } from '@anant/core';

export abstract class LazyCall implements TaskContext {
  isOpen = true;
  #open: OpenCall | undefined;

  constructor(
    readonly taskId: string,
    readonly attempt: number,
  ) {}

  /** Takes progress and heartbeats. */
  protected abstract report(kind: string, body: object): void;

  /** Handles messages that came while user code kept the thread busy. */
  protected abstract poll(): void;

  get signal(): AbortSignal {
    return this.open.context.signal;
  }

  get progress(): TaskContext['progress'] {
    return this.open.context.progress;
  }

  get gpu(): TaskContext['gpu'] {
    return this.open.context.gpu;
  }

  get heartbeat(): TaskContext['heartbeat'] {
    return this.open.context.heartbeat;
  }

  /** The full call behind the context. */
  get open(): OpenCall {
    this.#open ??= new OpenCall({
      id: this.taskId,
      attempt: this.attempt,
      credits: undefined,
      clock: systemClock,
      send: (kind, body) => this.report(kind, body),
      poll: () => this.poll(),
    });
    return this.#open;
  }

  /** Whether the context was ever used: then messages may be on their way that must come before the end. */
  get isObserved(): boolean {
    return this.#open !== undefined;
  }

  isCancellation(thrown: unknown): boolean {
    return this.#open?.isCancellation(thrown) ?? false;
  }

  /** Sends the last reports. The context is dead afterwards. */
  close(): void {
    this.isOpen = false;
    this.#open?.close();
  }
}
