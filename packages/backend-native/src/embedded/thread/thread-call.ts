/** A task while it runs in a thread, with the number its messages carry. */
import { LazyCall, type LazyCallOptions } from '../lazy-call.js';

export class ThreadCall extends LazyCall {
  constructor(
    readonly task: number,
    options: LazyCallOptions,
  ) {
    super(options);
  }
}
