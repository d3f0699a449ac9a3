/** One id, submitted more than once: one task when everything about it is the same, refused when anything differs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '@anant/backend-native';
import { AnantError, type Client, connect } from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyFolder } from '../cli/run-cli.js';

const fixtures = new FixtureSet();
let client: Client;
beforeEach(() => {
  client = connect({ backends: { native: native({ slots: 2 }) }, defaults: { backend: 'native' } });
});
afterEach(() => client.close({ graceMs: 0 }));

describe('an id that is submitted again', () => {
  it('with the same contents runs once, and every handle gets its result', async () => {
    const record = await fixtures.definition('typescript', 'record');
    const path = join(emptyFolder(), 'runs');
    const input = { path, line: 'ran', value: 7 };
    const open = Array.from({ length: 100 }, () => client.submit(record, { ...input }, { id: 'once' }));
    expect(await Promise.all(open.map((handle) => handle.result()))).toEqual(Array(100).fill(7));
    expect(await client.submit(record, input, { id: 'once' }).result()).toBe(7);
    expect(readFileSync(path, 'utf8')).toBe('ran\n');
  });

  it('with another input, task or option is refused by its id, and the first one is not touched', async () => {
    const [echo, sumList] = await Promise.all([
      fixtures.definition('typescript', 'echo'),
      fixtures.definition('typescript', 'sumList'),
    ]);
    const first = client.submit(echo, [1, 2], { id: 'mine' });
    const others = [
      () => client.submit(echo, [1, 3], { id: 'mine' }),
      () => client.submit(sumList, [1, 2], { id: 'mine' }),
      () => client.submit(echo, [1, 2], { id: 'mine', priority: 5 }),
    ];
    for (const submit of others) {
      expect(submit).toThrow(AnantError);
      expect(submit).toThrow(
        expect.objectContaining({ code: 'E_TASK_DUPLICATE', message: expect.stringContaining('"mine"') }),
      );
    }
    expect(await first.result()).toEqual([1, 2]);
    for (const submit of others) expect(submit).toThrow(/"mine"/);
  });
});
