import { describe, expect, it } from 'vitest';
import { REFUSED_MS_MAX } from '../limits.js';
import { Dismissals } from './dismissals.js';

const TAKEN = { code: 'E_PROTOCOL', reason: 'the name is taken' };

describe('a worker that is refused', () => {
  it('says it once, and gives up when it lasts', () => {
    const dismissals = new Dismissals();
    expect(dismissals.hear(TAKEN, 0)).toBe('new');
    expect(dismissals.hear(TAKEN, REFUSED_MS_MAX - 1)).toBe('again');
    expect(dismissals.hear(TAKEN, REFUSED_MS_MAX)).toBe('final');
  });

  it('begins anew after it was taken in, and with another reason', () => {
    const dismissals = new Dismissals();
    dismissals.hear(TAKEN, 0);
    dismissals.reset();
    expect(dismissals.hear(TAKEN, REFUSED_MS_MAX)).toBe('new');
    expect(dismissals.hear({ ...TAKEN, reason: 'another one' }, 2 * REFUSED_MS_MAX)).toBe('new');
  });

  it('waits for what passes as long as it takes', () => {
    const dismissals = new Dismissals();
    const full = { code: 'E_BACKEND_UNAVAILABLE', reason: 'there are too many workers' };
    dismissals.hear(full, 0);
    expect(dismissals.hear(full, 100 * REFUSED_MS_MAX)).toBe('again');
  });
});
