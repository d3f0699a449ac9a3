/** What a task can do wrong, and how it must end: the same on every backend. */
import { pathToFileURL } from 'node:url';
import {
  AnantError,
  type Client,
  defineKernelTask,
  definePythonTask,
  type MapOptions,
  type Outcome,
} from '@anant/core';
import { FixtureSet } from '@anant/core/conformance';
import { expect } from 'vitest';
import { z } from 'zod';
import { fileWith } from '../cli/run-cli.js';
import { assembleKernel } from '../support/assemble-kernel.js';
import { returnGibibyte } from './tasks.js';

export type CodeKind = 'typescript' | 'python';

/** Folder of `trouble_tasks.py`. */
export const PYTHON_FOLDER = import.meta.dirname;

const LOOP_MS = 500;
/** The store keeps the loop: one without effects may be left out. */
const ENDLESS =
  'export function endless(): i32 { let count = 0; while (true) { store<i32>(1024, ++count); } }';
const fixtures = new FixtureSet();
const GIBIBYTE_TASKS = {
  typescript: returnGibibyte,
  python: definePythonTask({
    target: 'trouble_tasks:return_gibibyte',
    input: z.undefined(),
    output: z.instanceof(Uint8Array),
  }),
};

/** Each way to go wrong: submits such a task and checks how it ended. */
export const TROUBLE = {
  async 'that throws'(client, kind, options) {
    const thrown = await outcomeOf(client, kind, 'fail', { kind: 'cause', message: 'the top' }, options);
    const { error } = expectStatus(thrown, 'app-error');
    expect(error).toMatchObject({ code: 'E_APP_ERROR', message: 'the top', type: 'ConformanceError' });
    expect(error.cause).toMatchObject({ message: 'the middle', cause: { message: 'the root' } });
  },

  async 'that exits its process'(client, kind, options) {
    const retry = { attempts: 2, backoffMs: 1 };
    const gone = await outcomeOf(client, kind, 'exitProcess', { code: 3 }, { ...options, retry });
    const { error, attempts } = expectStatus(gone, 'lost');
    expect(attempts).toBe(2);
    expect(error).toMatchObject({ code: 'E_LOST', advice: expect.any(String) });
  },

  async 'that loops for ever'(client, kind, options) {
    const limits = { timeouts: { startToCloseMs: LOOP_MS }, cancel: { graceMs: 1 } };
    const endless = await outcomeOf(client, kind, 'busyLoop', {}, { ...options, ...limits });
    expect(expectStatus(endless, 'timeout').timeout).toBe('start-to-close');
  },

  async 'that takes all memory'(client, kind, options) {
    const retry = { attempts: 1 };
    const full = await outcomeOf(client, kind, 'exhaustMemory', {}, { ...options, retry });
    expect(['lost', 'app-error']).toContain(full.status);
    if (full.status === 'app-error') expect(full.error).toMatchObject({ code: 'E_OUT_OF_MEMORY' });
  },

  async 'that returns a function'(client, kind, options) {
    const odd = await outcomeOf(client, kind, 'returnFunction', undefined, options);
    const { error } = expectStatus(odd, 'app-error');
    expect(error).toMatchObject({
      code: 'E_VALUE_NOT_PORTABLE',
      message: expect.stringContaining('rows[0].when'),
    });
  },

  async 'that returns 1 GiB'(client, kind, options) {
    const huge = await client.submit(GIBIBYTE_TASKS[kind], undefined, options).outcome();
    const { error } = expectStatus(huge, 'app-error');
    expect(error).toMatchObject({
      code: 'E_PAYLOAD_TOO_LARGE',
      message: expect.stringMatching(/10737418\d\d/),
    });
  },
} as const satisfies Record<string, (client: Client, kind: CodeKind, options: MapOptions) => Promise<void>>;

export type Trouble = keyof typeof TROUBLE;
export const TROUBLES = Object.keys(TROUBLE) as Trouble[];

/** The backend still works, on every slot. */
export async function expectAlive(client: Client, kind: CodeKind, options: MapOptions = {}): Promise<void> {
  const echo = await fixtures.definition<number>(kind, 'echo');
  const inputs = [1, 2, 3, 4];
  expect(await client.map(echo, inputs, options)).toEqual(inputs);
}

async function outcomeOf(
  client: Client,
  kind: CodeKind,
  name: Parameters<FixtureSet['definition']>[1],
  input: unknown,
  options: MapOptions,
): Promise<Outcome> {
  return client.submit(await fixtures.definition(kind, name), input as never, options).outcome();
}

/** Fails with the outcome's own message when it is another one. */
export function expectStatus<Status extends Outcome['status']>(
  outcome: Outcome,
  status: Status,
): Extract<Outcome, { readonly status: Status }> {
  const shown = 'error' in outcome && AnantError.is(outcome.error) ? outcome.error.message : '';
  expect(`${outcome.status} ${outcome.status === status ? '' : shown}`.trim()).toBe(status);
  return outcome as Extract<Outcome, { readonly status: Status }>;
}

/** A kernel that never ends, and one that asks for more memory than any module may have. */
export async function kernelTrouble(client: Client, options: MapOptions = {}): Promise<void> {
  const module = pathToFileURL(fileWith('endless.wasm', await assembleKernel(ENDLESS))).href;
  const endless = defineKernelTask({ module, export: 'endless', parameters: [], returns: 'i32' });
  const limits = { timeouts: { startToCloseMs: LOOP_MS }, cancel: { graceMs: 1 } };
  const outcome = await client.submit(endless, {}, { ...options, ...limits }).outcome();
  expect(expectStatus(outcome, 'timeout').timeout).toBe('start-to-close');
  const huge = await client
    .submit(fixtures.kernelDefinition('scratchSum'), { length: 2 ** 30 }, options)
    .outcome();
  expect(expectStatus(huge, 'app-error').error).toMatchObject({ code: 'E_OUT_OF_MEMORY' });
  const values = Float64Array.of(1, 2, 3);
  const sums = Array.from({ length: 4 }, () =>
    client.run(fixtures.kernelDefinition('sum'), { values }, options),
  );
  expect(await Promise.all(sums)).toEqual(Array(4).fill({ result: 6 }));
}
