/** Caches of several nodes: one load per key, changes seen by all, nothing stale kept, bounds kept. */
import { randomInteger, seededRandom, VirtualClock } from '@anant/core/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryHub, MemoryTransport } from '../../broker/memory/memory-transport.js';
import { MessageBroker } from '../../broker/message-broker.js';
import { ContentStore } from './content-store.js';
import { DistributedCache, type DistributedCacheOptions } from './distributed-cache.js';

const bytes = (value: string): Uint8Array => Buffer.from(value);
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();

describe('the store of one node', () => {
  it('keeps equal contents once, and drops the least recently used', () => {
    const store = new ContentStore({ entriesMax: 3, bytesMax: 10, ttlMs: 100 });
    for (const key of ['a', 'b', 'c']) store.set(key, bytes('same'), 0);
    expect([store.size, store.bytes]).toEqual([3, 4]);
    store.get('a', 1);
    store.set('d', bytes('other!'), 1);
    expect([store.get('b', 1), text(store.get('a', 1)), store.evicted]).toEqual([undefined, 'same', 1]);
    store.set('e', bytes('12345'), 1);
    expect(store.bytes).toBeLessThanOrEqual(10);
    store.set('huge', bytes('12345678901'), 1);
    expect(store.get('huge', 1)).toBeUndefined();
    expect(store.get('e', 101)).toBeUndefined();
  });

  it.each([1, 2, 3, 4, 5])('never counts wrong (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const store = new ContentStore({ entriesMax: 8, bytesMax: 40, ttlMs: 50 });
    const model = new Map<string, string>();
    for (let nowMs = 0; nowMs < 5_000; nowMs++) {
      const key = `k${randomInteger(random, 12)}`;
      const choice = randomInteger(random, 4);
      if (choice === 0) {
        model.delete(key);
        store.delete(key);
      } else if (choice === 1) {
        const value = 'x'.repeat(1 + randomInteger(random, 12));
        model.set(key, value);
        store.set(key, bytes(value), nowMs);
      } else {
        // It may have forgotten, and never says anything else.
        const found = text(store.get(key, nowMs));
        if (found !== undefined && found !== model.get(key)) expect.fail(`${key} is ${found}`);
      }
      if (store.size > 8 || store.bytes > 40 || store.bytes < 0) expect.fail('beyond its bounds');
    }
  });
});

describe('caches of several nodes', () => {
  const brokers: MessageBroker[] = [];
  afterEach(async () => {
    for (const broker of brokers.splice(0)) await broker.close();
  });
  const hub = new MemoryHub();
  const open = async (options: Partial<DistributedCacheOptions> = {}) => {
    const broker = await MessageBroker.open(new MemoryTransport(hub));
    brokers.push(broker);
    return await DistributedCache.open({ broker, name: 'test', ...options });
  };
  /** Every event that was sent has been handled. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('load once however many ask, and keep what was loaded', async () => {
    const cache = await open();
    let loads = 0;
    const load = async () => {
      loads += 1;
      return bytes('value');
    };
    const values = await Promise.all(Array.from({ length: 10 }, () => cache.read('k', load)));
    expect(values.map(text)).toEqual(Array(10).fill('value'));
    expect([loads, text(cache.get('k'))]).toEqual([1, 'value']);
    await expect(cache.read('bad', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(text(await cache.read('bad', load))).toBe('value');
  });

  it('forget what another changed, and tell nobody of a value that is the same', async () => {
    const [one, two] = [await open(), await open()];
    await one.set('k', bytes('first'));
    await two.read('k', async () => bytes('first'));
    await one.set('k', bytes('first'));
    await settle();
    expect(text(two.get('k'))).toBe('first');
    await one.set('k', bytes('second'));
    await settle();
    expect(two.get('k')).toBeUndefined();
    expect(text(one.get('k'))).toBe('second');
    await two.invalidate('k');
    await settle();
    expect(one.get('k')).toBeUndefined();
    expect([one.statistics.invalidated, two.statistics.invalidated]).toEqual([1, 1]);
  });

  it('do not keep a value whose key changed while it was loaded', async () => {
    const [one, two] = [await open(), await open()];
    let finish = (_: Uint8Array): void => {};
    const old = one.read('k', () => new Promise((resolve) => (finish = resolve)));
    await two.set('k', bytes('new'));
    await settle();
    // Who asks after the change does not get what was read before it.
    const fresh = one.read('k', async () => bytes('new'));
    finish(bytes('old'));
    expect([text(await old), text(await fresh)]).toEqual(['old', 'new']);
    expect(text(one.get('k'))).toBe('new');
  });

  it('believe nothing for longer than their time', async () => {
    const clock = new VirtualClock();
    const cache = await open({ clock, ttlMs: 1_000 });
    await cache.set('k', bytes('value'));
    await clock.advance(999);
    expect(text(cache.get('k'))).toBe('value');
    await clock.advance(1);
    expect(cache.get('k')).toBeUndefined();
  });
});
