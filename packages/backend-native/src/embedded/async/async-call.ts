/** A task while it runs on the event loop. */
import type { Attempt } from '../attempt.js';
import type { AttemptLedger } from '../attempt-ledger.js';
import { LazyCall } from '../lazy-call.js';

/** What workers of this mode are called. */
export const LOOP = 'loop';

export class AsyncCall extends LazyCall {
  /** When its code began; 0 while it has not. */
  startedMs = 0;
  constructor(
    readonly of: Attempt,
    readonly ledger: AttemptLedger,
  ) {
    super(of.envelope.id, of.envelope.attempt);
  }

  protected override report(kind: string, body: object): void {
    this.ledger.start(this.of, LOOP);
    if (kind === 'heartbeat') {
      this.ledger.heartbeat(this.of);
      return;
    }
    const { done, total, note } = body as { done: number; total: number; note: string | undefined };
    this.ledger.progress(this.of, done, total, note);
  }

  /** A task of this mode is asked to stop from the same thread: there is nothing to look for. */
  protected override poll(): void {}
}
