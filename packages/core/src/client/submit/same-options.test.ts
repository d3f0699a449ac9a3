import { describe, expect, it } from 'vitest';
import { defineTask } from '../../define/index.js';
import { scriptedClient } from '../../testing/index.js';
import type { SubmitOptions } from '../types/index.js';
import { copyOptions, haveSameOptions } from './same-options.js';

describe('haveSameOptions', () => {
  const options: SubmitOptions = {
    priority: 1,
    retry: { attempts: 2, on: ['lost'] },
    timeouts: { heartbeatMs: 5 },
    forbid: ['ray'],
  };

  it('compares contents, not objects, and not what is particular to a call', () => {
    const { on } = options.retry!;
    const again = {
      forbid: ['ray'],
      timeouts: { heartbeatMs: 5 },
      priority: 1,
      retry: { attempts: 2, on: on! },
    };
    expect(haveSameOptions(options, again)).toBe(true);
    expect(haveSameOptions(options, { ...again, id: 'a', signal: new AbortController().signal })).toBe(true);
    expect(haveSameOptions({}, { id: 'a' })).toBe(true);
  });

  it('sees every difference', () => {
    const others: SubmitOptions[] = [
      {},
      { ...options, priority: 2 },
      { ...options, tenant: 'x' },
      { ...options, retry: { attempts: 3, on: options.retry!.on! } },
      { ...options, timeouts: {} },
      { ...options, timeouts: { heartbeatMs: 5, startToCloseMs: 1 } },
      { ...options, forbid: ['ray', 'dask'] },
      { ...options, forbid: [] },
      { ...options, forbid: { 0: 'ray' } as unknown as string[] },
    ];
    for (const other of others) {
      expect(haveSameOptions(options, other)).toBe(false);
      expect(haveSameOptions(other, options)).toBe(false);
    }
  });

  it('is not fooled by an object that is changed afterwards', async () => {
    const { client, backend, clock } = scriptedClient();
    const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input: number) => input });
    const changing = { priority: 1, resources: { cpu: 1 } };
    client.submit(echo, 1, changing);
    changing.priority = 2;
    changing.resources.cpu = 8;
    client.submit(echo, 2, changing);
    await clock.drain();
    expect(backend.submitted.map(({ options }) => [options.priority, options.resources])).toEqual([
      [2, { cpu: 8 }],
      [1, { cpu: 1 }],
    ]);
    expect(copyOptions({ id: 'a', forbid: ['x'] })).toEqual({ forbid: ['x'] });
  });

  it('still checks what is particular to a call', () => {
    const { client } = scriptedClient();
    const echo = defineTask({ module: import.meta.url, export: 'echo', run: (input: number) => input });
    client.submit(echo, 1, { priority: 1 });
    expect(() => client.submit(echo, 1, { priority: 1, id: 'not ok' })).toThrow('"id"');
    expect(() => client.submit(echo, 1, { priority: 1, signal: 5 as never })).toThrow('"signal"');
  });
});
