/** Whom a reader asks, and when it gives up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { EncodedValue } from '@anant/core/codec';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CHUNK_BYTES } from '../../protocol/transfer/index.js';
import { ASKS_MAX, FETCH_MS_MAX } from '../limits.js';
import { RingWriter } from './chunk-ring.js';
import { ObjectFetch } from './object-fetch.js';

/** Waits for files; the clock of the fetch stands still meanwhile. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await setImmediate();
}

const CHUNK = new Uint8Array(CHUNK_BYTES).fill(7);

/** A fetch of two chunks with what it says. */
function begin(folder = '/nowhere', address = 'first') {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const asked: [holder: string, chunk: number][] = [];
  const told: number[] = [];
  const result = vi.fn<(value: EncodedValue) => void>();
  const failure = vi.fn<(error: Error) => void>();
  const fetch = new ObjectFetch(
    { id: 'object', address, secretOf: () => new Uint8Array(16), memory: 'own' },
    {
      folder,
      ask: (each, { chunk }) => {
        if (each.holder === 'nonsense') throw new Error('"nonsense" is no data address.');
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
  const answer = (others: readonly string[], ring?: string) =>
    fetch.answered(
      {
        request: fetch.request,
        answer: 'object',
        body: new Uint8Array(1),
        sizes: [2 * CHUNK_BYTES],
        others,
        ring,
      },
      [],
    );
  const chunk = (index: number, sum = crc32(CHUNK)) =>
    fetch.chunk({ request: fetch.request, index, sum }, [CHUNK]);
  /** It lies in the ring. */
  const announce = (index: number, sum: number) => fetch.chunk({ request: fetch.request, index, sum }, []);
  return { fetch, asked, told, result, failure, answer, chunk, announce };
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

  it('refuses a chunk in shared memory that was damaged there, and fetches it again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'anant-ring-'));
    const { asked, answer, announce, told, result } = begin(folder);
    const bytes = [CHUNK, new Uint8Array(CHUNK_BYTES).map((_, at) => at * 31)] as const;
    const first = await RingWriter.create(folder, 'first');
    answer([], 'first');
    await first.write(0, bytes[0]);
    announce(0, crc32(bytes[0]));
    await until(() => told.length > 0);
    const damaged = bytes[1].slice();
    damaged[CHUNK_BYTES - 1] = (damaged[CHUNK_BYTES - 1] as number) ^ 1;
    await first.write(1, damaged);
    announce(1, crc32(bytes[1]));
    await until(() => asked.length > 1);
    // Only what is missing is asked for, and nobody has seen the damaged bytes.
    expect(asked[1]).toEqual(['first', 1]);
    expect(result).not.toHaveBeenCalled();
    const second = await RingWriter.create(folder, 'second');
    await second.write(1, bytes[1]);
    answer([], 'second');
    announce(1, crc32(bytes[1]));
    await until(() => result.mock.calls.length > 0);
    const [value] = result.mock.calls[0] as [EncodedValue];
    expect(Buffer.compare(value.buffers[0] as Uint8Array, Buffer.concat(bytes))).toBe(0);
    await Promise.all([first.close(), second.close()]);
    rmSync(folder, { recursive: true });
  });

  it('passes over a holder whose address is none, also when it comes to it by itself', () => {
    const { asked, answer, chunk, result } = begin();
    answer(['nonsense']);
    chunk(0);
    vi.advanceTimersByTime(FETCH_MS_MAX);
    answer([]);
    chunk(1);
    expect(asked).toEqual([
      ['first', 0],
      ['first', 1],
    ]);
    expect(result).toHaveBeenCalledOnce();
  });

  it('fails when the only address is none, and leaves no timer behind', () => {
    const { fetch, failure } = begin('/nowhere', 'nonsense');
    expect(fetch.request).toBe(0);
    expect(failure).toHaveBeenCalledOnce();
    const [error] = failure.mock.calls[0] as [Error];
    expect(error).toMatchObject({ code: 'E_OBJECT_LOST' });
    expect(error.message).toContain('cannot be asked: "nonsense" is no data address.');
    expect(vi.getTimerCount()).toBe(0);
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
