/** Each engine as a user has it: named in a configuration, with tasks of the three kinds and the user's own modules. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type Client,
  defineKernelTask,
  definePythonTask,
  defineTask,
  type StandardSchema,
} from '@anant/core';
import { connectFromConfig } from '@anant/core/config';
import { FixtureSet } from '@anant/core/conformance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const { ANANT_PYTHON } = process.env;
const ELEMENTS = 1_000_000;
const fixtures = new FixtureSet();

const anything = <Value>(): StandardSchema<Value> => ({
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Value }) },
});

const double = definePythonTask({
  target: 'user_tasks:double',
  input: anything<Float64Array>(),
  output: anything<Float64Array>(),
  workload: 'work',
});
const explode = definePythonTask({
  target: 'user_tasks:explode',
  input: anything<string>(),
  output: anything<null>(),
  workload: 'work',
});
const sum = defineKernelTask({
  module: fixtures.locations.kernel,
  export: 'sum',
  parameters: [{ name: 'values', role: 'in', type: 'f64[]' }],
  returns: 'f64',
  workload: 'work',
});

for (const engine of ['dask', 'ray', 'celery']) {
  const title = ANANT_PYTHON ? engine : `${engine} (skipped: ANANT_PYTHON names no interpreter)`;
  describe.skipIf(!ANANT_PYTHON)(title, () => {
    const directory = mkdtempSync(join(tmpdir(), 'anant-test-'));
    let client: Client;

    beforeAll(async () => {
      copyFileSync(
        fileURLToPath(new URL('./user_tasks.py', import.meta.url)),
        join(directory, 'user_tasks.py'),
      );
      const config = {
        backends: { [engine]: { local: { workers: 2 } } },
        workloads: { work: { primary: [engine], secondary: [], fallback: 'forbid' } },
        python: { path: ['.'] },
      };
      const file = join(directory, 'anant.config.json');
      writeFileSync(file, JSON.stringify(config));
      client = await connectFromConfig({ file });
    });
    afterAll(async () => {
      await client?.close();
      rmSync(directory, { recursive: true, force: true });
    });

    it('runs Python of the user, and large arrays travel both ways', async () => {
      const values = Float64Array.from({ length: ELEMENTS }, (_, index) => index / 3);
      const doubled = await client.run(double, values);
      expect(doubled).toBeInstanceOf(Float64Array);
      expect(
        Buffer.compare(
          Buffer.from(doubled.buffer, doubled.byteOffset, doubled.byteLength),
          Buffer.from(values.map((value) => value * 2).buffer),
        ),
      ).toBe(0);
    });

    it('runs a TypeScript module of the user', async () => {
      const path = join(directory, 'shout.mjs');
      writeFileSync(path, "export const shout = ({ text }) => text.toUpperCase() + '!';\n");
      const shout = defineTask({
        module: pathToFileURL(path).href,
        export: 'shout',
        run: (input: { readonly text: string }): string => input.text,
        workload: 'work',
      });
      expect(await client.run(shout, { text: 'hello' })).toBe('HELLO!');
    });

    it('runs a kernel to the same bits as V8', async () => {
      const values = Float64Array.from({ length: 1_000 }, (_, index) => 1 / (index + 1));
      const here = values.reduce((total, value) => total + value, 0);
      expect(Object.is((await client.run(sum, { values })).result, here)).toBe(true);
    });

    it('keeps type, message, cause and traceback of a remote error', async () => {
      const outcome = await client.submit(explode, 'why').outcome();
      expect(outcome.status).toBe('app-error');
      const { error } = outcome as Extract<typeof outcome, { status: 'app-error' }>;
      expect(error).toMatchObject({
        message: 'why',
        details: { type: 'LookupError', traceback: expect.stringContaining('user_tasks.py') },
        cause: { message: 'the cause', details: { type: 'ValueError' } },
      });
      expect(outcome).toMatchObject({ backend: engine });
    });

    it('hands a result on by reference and keeps objects near the workers', async () => {
      const stored = await client.put(new Float64Array(ELEMENTS).fill(1.5), { workload: 'work' });
      const doubled = await client.run(double, stored as unknown as Float64Array);
      expect([doubled.length, doubled[ELEMENTS - 1]]).toEqual([ELEMENTS, 3]);
    });
  });
}
