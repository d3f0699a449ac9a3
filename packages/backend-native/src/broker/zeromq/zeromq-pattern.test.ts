/** The rule that picks a ZeroMQ pattern, over all that can be sent. */
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES_MAX } from '../limits.js';
import { pickZeroMqPattern } from './zeromq-pattern.js';

const SMALL = 100;
const LARGE = CHUNK_BYTES_MAX * 2 + 1;

describe('pickZeroMqPattern', () => {
  it.each([
    ['one', 'any', SMALL, 'request-reply', 1],
    ['one', 'named', SMALL, 'request-reply', 1],
    ['one', 'any', LARGE, 'dealer-router', 3],
    ['none', 'all', SMALL, 'publish-subscribe', 1],
    ['none', 'all', LARGE, 'dealer-router', 3],
    ['none', 'any', SMALL, 'push-pull', 1],
    ['none', 'any', LARGE, 'dealer-router', 3],
    ['none', 'named', SMALL, 'dealer-router', 1],
    ['many', 'any', SMALL, 'dealer-router', 1],
    ['many', 'named', LARGE, 'dealer-router', 3],
    ['none', 'any', 0, 'push-pull', 1],
    ['none', 'any', CHUNK_BYTES_MAX, 'push-pull', 1],
    ['none', 'any', CHUNK_BYTES_MAX + 1, 'dealer-router', 2],
  ] as const)('answers %s, receivers %s, %i bytes: %s', (answers, receivers, bytes, pattern, chunks) => {
    expect(pickZeroMqPattern({ answers, receivers, bytes })).toMatchObject({ pattern, chunks });
  });

  it('refuses sizes that are none', () => {
    for (const bytes of [-1, 0.5, Number.NaN])
      expect(() => pickZeroMqPattern({ answers: 'none', receivers: 'any', bytes })).toThrow(TypeError);
  });
});
