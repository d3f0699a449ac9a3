/** Calls that wait for a reply, each with a deadline. */
import type { CallReply, SessionEffect } from './effect.js';

export class CallTable {
  readonly #open = new Map<number, { readonly kind: string; readonly deadlineMs: number }>();

  get size(): number {
    return this.#open.size;
  }

  add(call: number, kind: string, deadlineMs: number): void {
    this.#open.set(call, { kind, deadlineMs });
  }

  /** What the call was, once: it is closed afterwards. */
  close(call: number): string | undefined {
    const kind = this.#open.get(call)?.kind;
    this.#open.delete(call);
    return kind;
  }

  /** Settles the calls whose time has passed. */
  expire(nowMs: number): SessionEffect[] {
    const effects: SessionEffect[] = [];
    for (const [call, { kind, deadlineMs }] of this.#open) {
      if (deadlineMs > nowMs) continue;
      this.#open.delete(call);
      const message = `The bridge did not answer "${kind}" in time.`;
      effects.push({ type: 'settle', call, reply: { error: { code: 'E_TIMEOUT', message } } });
    }
    return effects;
  }

  settleAll(reply: CallReply): SessionEffect[] {
    const effects = [...this.#open.keys()].map((call): SessionEffect => ({ type: 'settle', call, reply }));
    this.#open.clear();
    return effects;
  }
}
