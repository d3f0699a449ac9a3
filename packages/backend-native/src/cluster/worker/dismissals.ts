/** A head that refuses a worker again and again: said once, waited for a while, and in the end believed. */
import { REFUSED_MS_MAX } from '../limits.js';

export class Dismissals {
  #first: { readonly reason: string; readonly atMs: number } | undefined;

  /**
   * @param code `E_PROTOCOL`: what is wrong is this worker, or its name is taken by one that may just have died; other
   *   refusals pass, and are waited for
   * @returns `final` once the same reason has held for too long
   */
  hear({ code, reason }: { readonly code: string; readonly reason: string }, nowMs: number) {
    if (this.#first?.reason !== reason) {
      this.#first = { reason, atMs: nowMs };
      return 'new';
    }
    return code === 'E_PROTOCOL' && nowMs - this.#first.atMs >= REFUSED_MS_MAX ? 'final' : 'again';
  }

  /** The head took it in. */
  reset(): void {
    this.#first = undefined;
  }
}
