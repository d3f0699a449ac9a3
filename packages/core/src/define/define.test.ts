import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { StandardSchema } from './index.js';
import { defineKernelTask, definePythonTask, defineTask, moduleVersion } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'anant-define-'));
const file = join(folder, 'task.js');
writeFileSync(file, 'export const task = 1;');
const module = pathToFileURL(file).href;
const sha256 = createHash('sha256').update('export const task = 1;').digest('hex');
afterAll(() => rmSync(folder, { recursive: true }));

const anything: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};

describe('defineTask', () => {
  it('refers to the module by URL, export and hash', () => {
    const run = () => 1;
    const task = defineTask({ module, export: 'task', run });
    expect(task).toMatchObject({ name: 'task', output: 'value', workload: 'interactive', local: run });
    expect(task.reference()).toEqual({
      kind: 'typescript',
      name: 'task',
      module,
      export: 'task',
      version: sha256.slice(0, 16),
    });
    expect(task.reference()).toBe(task.reference());
  });

  it('takes name, workload, mode and resources', () => {
    const options = { name: 'n', workload: 'batch', mode: 'process', resources: { cpu: 2 } } as const;
    const task = defineTask({ module, export: 'task', run: () => 1, ...options });
    expect(task).toMatchObject(options);
    expect(task.reference().name).toBe('n');
  });

  it('knows a stream by its generator function, plain or async, or by the option', () => {
    const plain = defineTask({ module, export: 'task', *run() {} });
    const later = defineTask({ module, export: 'task', async *run() {} });
    const iterable = defineTask({ module, export: 'task', returns: 'stream', run: () => [1, 2] });
    const value = defineTask({ module, export: 'task', run: async () => [1, 2] });
    expect([plain, later, iterable, value].map((task) => task.output)).toEqual([
      'stream',
      'stream',
      'stream',
      'value',
    ]);
    expect(() => defineTask({ module, export: 'task', returns: 'value', *run() {} })).toThrow(
      'The task "task" is a generator function, so it returns a stream, not a value.',
    );
  });

  it('refuses a module that is no file URL', () => {
    expect(() => defineTask({ module: '/tasks.ts', export: 'task', run: () => 1 })).toThrow(
      'defineTask needs a file URL as "module" (import.meta.url), not "/tasks.ts".',
    );
  });

  it('says when the module cannot be read, but only when it is referred to', () => {
    const task = defineTask({ module: 'file:///not/there.ts', export: 'task', run: () => 1 });
    expect(() => task.reference()).toThrow(expect.objectContaining({ code: 'E_TASK_NOT_FOUND' }));
    expect(() => moduleVersion('file:///not/there.ts')).toThrow('Cannot read the task module');
  });
});

describe('definePythonTask', () => {
  it('refers to a function by its import path', () => {
    const task = definePythonTask({
      target: 'pkg.mod:fn',
      input: anything,
      output: anything,
      version: '1.2',
    });
    expect(task).toMatchObject({ name: 'pkg.mod:fn', output: 'value', workload: 'data-processing' });
    expect(task).toMatchObject({ inputSchema: anything, outputSchema: anything });
    expect(task.reference()).toEqual({
      kind: 'python',
      name: 'pkg.mod:fn',
      target: 'pkg.mod:fn',
      version: '1.2',
    });
    const stream = definePythonTask({ target: 'm:f', input: anything, output: anything, returns: 'stream' });
    expect(stream.output).toBe('stream');
  });

  it.each(['m', 'm:', ':f', 'm:f.g', 'm-x:f', 'a..b:f', '1a:f'])('refuses %s', (target) => {
    expect(() => definePythonTask({ target: target as never, input: anything, output: anything })).toThrow(
      `A Python task needs a target "package.module:function", not "${target}".`,
    );
  });
});

describe('defineKernelTask', () => {
  it('refers to the module by its whole hash, with the signature', () => {
    const parameters = [{ name: 'x', role: 'in', type: 'f64' }] as const;
    const task = defineKernelTask({ module, export: 'k', parameters, returns: 'f64' });
    expect(task).toMatchObject({ name: 'k', output: 'value', workload: 'graph-analytics' });
    expect(task.reference()).toEqual({
      kind: 'kernel',
      name: 'k',
      module,
      export: 'k',
      version: sha256,
      signature: { parameters, returns: 'f64' },
    });
  });

  it('refuses a module that is no file URL', () => {
    expect(() => defineKernelTask({ module: 'k.wasm', export: 'k', parameters: [] })).toThrow(TypeError);
  });
});
