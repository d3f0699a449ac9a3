/** A task while it runs in a thread, with the number its messages carry. */
import { LazyCall } from '../lazy-call.js';

/** What the calls of a session share. */
export interface ThreadCallHost {
  report(call: ThreadCall, kind: string, body: object): void;
  poll(): void;
}

export class ThreadCall extends LazyCall {
  /** Continues what waits for the end of the call. */
  onEnd: (() => void) | undefined;

  constructor(
    readonly host: ThreadCallHost,
    readonly task: number,
    id: string,
    attempt: number,
  ) {
    super(id, attempt);
  }

  protected override report(kind: string, body: object): void {
    this.host.report(this, kind, body);
  }

  protected override poll(): void {
    this.host.poll();
  }
}
