/** Whom a reader asks, and when it gives up. */
import { crc32 } from 'node:zlib';
import type { EncodedValue } from '@anant/core/codec';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CHUNK_BYTES } from '../../protocol/transfer/index.js';
import { ASKS_MAX, FETCH_MS_MAX } from '../limits.js';
import { ObjectFetch } from './object-fetch.js';

const CHUNK = new Uint8Array(CHUNK_BYTES).fill(7);

/** A fetch of two chunks with what it says. */
function begin() {
  vi.useFakeTimers();
  const asked: [holder: string, chunk: number][] = [];
  const told: number[] = [];
  const result = vi.fn<(value: EncodedValue) => void>();
  const failure = vi.fn<(error: Error) => void>();
  const fetch = new ObjectFetch(
    { id: 'object', address: 'first', secretOf: () => new Uint8Array(16), memory: 'own' },
    {
      folder: '/nowhere',
      ask: (each, { chunk }) => {
        each.request += 1;
        asked.push([each.holder, chunk]);
        return true;
      },
      more: (_each, position) => told.push(position),
      done: () => {},
    },
    result,
    failure,
  );
  fetch.ask('anyone');
  const answer = (others: readonly string[]) =>
    fetch.answered(
      {
        request: fetch.request,
        answer: 'object',
        body: new Uint8Array(1),
        sizes: [2 * CHUNK_BYTES],
        others,
        ring: undefined,
      },
      [],
    );
  const chunk = (index: number, sum = crc32(CHUNK)) =>
    fetch.chunk({ request: fetch.request, index, sum }, [CHUNK]);
  return { fetch, asked, told, result, failure, answer, chunk };
}

describe('a fetch', () => {
  afterEach(() => vi.useRealTimers());

  it('asks the next holder for what is missing when nothing comes, and ends with what both gave', () => {
    const { asked, told, result, answer, chunk } = begin();
    answer(['second']);
    chunk(0);
    vi.advanceTimersByTime(FETCH_MS_MAX);
    answer(['first']);
    chunk(1);
    expect(asked).toEqual([
      ['first', 0],
      ['second', 1],
    ]);
    expect(told).toEqual([1, 2]);
    expect(result).toHaveBeenCalledOnce();
  });

  it('asks again for a chunk whose sum does not fit', () => {
    const { asked, answer, chunk, result } = begin();
    answer([]);
    chunk(0, 1);
    answer([]);
    chunk(0);
    chunk(1);
    expect(asked).toEqual([
      ['first', 0],
      ['first', 0],
    ]);
    expect(result).toHaveBeenCalledOnce();
  });

  it('gives up after so many requests in vain', () => {
    const { asked, failure } = begin();
    vi.advanceTimersByTime(ASKS_MAX * FETCH_MS_MAX);
    expect(asked).toHaveLength(ASKS_MAX);
    expect(failure.mock.calls[0]?.[0]).toMatchObject({ code: 'E_OBJECT_LOST' });
  });

  it('follows a referral, and comes back when that one has nothing', () => {
    const { fetch, asked, failure } = begin();
    fetch.answered({ request: fetch.request, answer: 'refer', address: 'copy' }, []);
    fetch.answered({ request: fetch.request, answer: 'absent' }, []);
    fetch.lost('first');
    expect(asked.map(([holder]) => holder)).toEqual(['first', 'copy', 'first']);
    expect(failure).toHaveBeenCalledOnce();
  });
});
