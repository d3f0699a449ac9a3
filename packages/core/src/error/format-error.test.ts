import { describe, expect, it } from 'vitest';
import { AnantError, formatError, RemoteError, reviveError } from './index.js';

describe('formatError', () => {
  it('shows code, message, advice and the chain of causes', () => {
    const error = new AnantError('E_BACKEND_UNAVAILABLE', 'dask did not start.', {
      advice: 'Run "anant doctor".',
      cause: new TypeError('bad address', { cause: 'root' }),
    });
    expect(formatError(error)).toBe(
      [
        'E_BACKEND_UNAVAILABLE: dask did not start.',
        '  → Run "anant doctor".',
        '  caused by TypeError: bad address',
        '  caused by root',
      ].join('\n'),
    );
  });

  it("names a task's own error by its remote type, and shows its traceback on request", () => {
    const error = reviveError({ type: 'ValueError', message: 'no', traceback: 'line 1\nline 2' });
    expect(formatError(error)).toBe('ValueError: no');
    expect(formatError(error, { detail: 'traceback' })).toBe('ValueError: no\n    line 1\n    line 2');
    const own = reviveError({ type: 'AnantError', message: 'trap', code: 'E_KERNEL_TRAP' });
    expect(formatError(own)).toBe('E_KERNEL_TRAP: trap');
  });

  it('does not say twice what a wrapped error says', () => {
    const inner = new AnantError('E_LOST', 'gone', { cause: new TypeError('why') });
    expect(formatError(new AnantError('E_LOST', 'gone', { cause: inner }))).toBe(
      'E_LOST: gone\n  caused by TypeError: why',
    );
  });

  it('ends a circle of causes', () => {
    const circle = new Error('round');
    circle.cause = circle;
    expect(formatError(circle).split('\n')).toHaveLength(10);
  });

  it('takes anything', () => {
    expect(formatError('text')).toBe('text');
    expect(formatError(undefined)).toBe('undefined');
    expect(formatError(Object.create(null))).toBe('a value that cannot be described');
  });
});

describe('RemoteError', () => {
  const error = reviveError({ type: 'KeyError', message: 'x', traceback: 'tb', retryable: false });

  it('is an AnantError with type, traceback and retryable', () => {
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ type: 'KeyError', traceback: 'tb', retryable: false, code: 'E_APP_ERROR' });
    expect(AnantError.is(error, 'E_APP_ERROR')).toBe(true);
    expect(String(error)).toBe('RemoteError [E_APP_ERROR]: x');
  });

  it('is told apart by its brand', () => {
    expect(RemoteError.is(error)).toBe(true);
    expect(RemoteError.is(error, 'E_LOST')).toBe(false);
    expect(RemoteError.is(new AnantError('E_LOST', ''))).toBe(false);
    expect(RemoteError.is(null)).toBe(false);
  });
});
