import { describe, expect, it } from 'vitest';
import { AnantError, describeError, reviveError } from './index.js';

describe('describeError and reviveError', () => {
  it('keep type, message, chain of causes and traceback', () => {
    const thrown = new RangeError('outer', { cause: new TypeError('inner', { cause: 'root' }) });
    const revived = reviveError(describeError(thrown));
    expect(revived).toMatchObject({ code: 'E_APP_ERROR', message: 'outer', retryable: true });
    expect(revived.details).toMatchObject({ type: 'RangeError', traceback: thrown.stack });
    const inner = revived.cause as AnantError;
    expect(inner).toMatchObject({ message: 'inner', details: { type: 'TypeError' } });
    expect(inner.cause).toMatchObject({ message: 'root', details: { type: 'string' } });
  });

  it('keep a code of the table, and that a retry cannot help', () => {
    const thrown = new AnantError('E_VALUE_NOT_PORTABLE', 'no');
    expect(reviveError(describeError(thrown))).toMatchObject({
      code: 'E_VALUE_NOT_PORTABLE',
      retryable: false,
    });
    expect(reviveError({ type: 'X', message: 'm', code: 'toString' }).code).toBe('E_APP_ERROR');
  });

  it('make text that can travel: half a surrogate pair is replaced, also where a long text is cut', () => {
    const { type, message } = describeError(Object.assign(new Error('a\ud800b'), { name: 'X\udfff' }));
    expect([type, message]).toEqual(['X\ufffd', 'a\ufffdb']);
    const cut = describeError(new Error(`x${'😀'.repeat(20_000)}`)).message;
    expect(cut.slice(32_766)).toBe('\u{1f600}\ufffd … (cut)'.slice(1));
    expect(cut).toBe(Buffer.from(cut).toString());
  });

  it('describe anything, circles and hostile objects included', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    let depth = 0;
    for (let data = describeError(circle); data.cause; data = data.cause) depth += 1;
    expect(depth).toBe(8);
    const hostile = Object.defineProperty({}, 'message', {
      get() {
        throw new Error('gotcha');
      },
    });
    expect(describeError(hostile).message).toContain('cannot be described');
    expect(describeError(null)).toEqual({ type: 'null', message: 'null' });
    expect(describeError(undefined)).toEqual({ type: 'undefined', message: 'undefined' });
    expect(describeError(new Error('x'.repeat(100_000))).message.length).toBeLessThan(33_000);
  });
});
