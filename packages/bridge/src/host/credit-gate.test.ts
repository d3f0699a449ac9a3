import { describe, expect, it } from 'vitest';
import { CreditGate } from './credit-gate.js';

describe('a credit gate', () => {
  it('lets as many through as it has credits', async () => {
    const gate = new CreditGate(2);
    const { signal } = new AbortController();
    expect([await gate.take(signal), await gate.take(signal)]).toEqual([true, true]);
    const third = gate.take(signal);
    gate.grant(1);
    expect(await third).toBe(true);
  });

  it('does not wait when a credit arrives while it looks at the signal', async () => {
    const gate = new CreditGate(0);
    let isFirst = true;
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', {
      get() {
        if (isFirst) gate.grant(1);
        isFirst = false;
        return false;
      },
    });
    expect(await gate.take(signal)).toBe(true);
  });

  it('takes no credit when it is aborted', async () => {
    const gate = new CreditGate(0);
    const controller = new AbortController();
    const waiting = gate.take(controller.signal);
    controller.abort();
    expect(await waiting).toBe(false);
  });
});
