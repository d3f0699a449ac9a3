import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from './index.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'anant-config-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('loadConfig', () => {
  it.each([
    [
      'anant.config.ts',
      'interface A { batch: string }\nconst a: A = { batch: "dask" };\nexport default { workloads: a };',
    ],
    ['anant.config.mjs', 'export default { workloads: { batch: "dask" } };'],
    ['anant.config.js', 'export default { workloads: { batch: "dask" } };'],
    ['anant.config.json', '{ "workloads": { "batch": "dask" } }'],
  ])('reads %s', async (name, text) => {
    const cwd = folderWith({ [name]: text });
    const config = await loadConfig({ cwd, env: {} });
    expect(config.workloads.batch!.primary).toEqual(['dask']);
    expect(config).toMatchObject({ file: join(cwd, name), directory: cwd });
  });

  it('has defaults without a file', async () => {
    const cwd = folderWith({});
    expect(await loadConfig({ cwd, env: {} })).toMatchObject({
      file: undefined,
      directory: cwd,
      warnings: [],
    });
  });

  it('reads a file of any name, relative to cwd', async () => {
    const cwd = folderWith({ 'staging.config.ts': 'export default { forbid: ["ray"] as string[] };' });
    expect((await loadConfig({ cwd, file: 'staging.config.ts', env: {} })).forbid).toEqual(['ray']);
  });

  it('keeps a backend that the file makes as it is', async () => {
    const cwd = folderWith({
      'anant.config.ts': [
        'class Mine { spec = "backend/v1"; id = "mine"; manifest = {}; #secret = 7; doSubmit() { return this.#secret; } }',
        'export default { backends: { mine: new Mine() } };',
      ].join('\n'),
    });
    const { instance } = (await loadConfig({ cwd, env: {} })).backends.mine!;
    expect((instance as unknown as { doSubmit(): number }).doSubmit()).toBe(7);
  });

  it('takes overrides from the process environment unless told otherwise', async () => {
    const cwd = folderWith({});
    process.env.ANANT_WORKLOAD_BATCH = 'dask';
    try {
      expect((await loadConfig({ cwd })).workloads.batch!.primary).toEqual(['dask']);
      expect((await loadConfig({ cwd, env: {} })).workloads.batch!.primary).toEqual(['celery', 'dask']);
    } finally {
      delete process.env.ANANT_WORKLOAD_BATCH;
    }
  });

  it.each([
    ['does not parse', { 'anant.config.ts': 'export default {{' }, 'anant.config.ts cannot be read'],
    ['throws', { 'anant.config.js': 'throw new Error("no such secret")' }, 'cannot be read: no such secret'],
    ['is no JSON', { 'anant.config.json': '{' }, 'anant.config.json cannot be read'],
    [
      'has a bad key',
      { 'anant.config.json': '{ "bakends": {} }' },
      'anant.config.json: bakends is not a known key',
    ],
    [
      'has a twin',
      { 'anant.config.ts': '', 'anant.config.json': '' },
      'has 2 configuration files, anant.config.ts and anant.config.json',
    ],
  ])('refuses a file that %s', async (_, files, message) => {
    await expect(loadConfig({ cwd: folderWith(files as never), env: {} })).rejects.toMatchObject({
      code: 'E_CONFIG_INVALID',
      message: expect.stringContaining(message),
    });
  });

  it('says when a named file is missing', async () => {
    const cwd = folderWith({});
    await expect(loadConfig({ cwd, file: 'nope.ts' })).rejects.toMatchObject({
      code: 'E_CONFIG_NOT_FOUND',
      message: `The configuration file ${join(cwd, 'nope.ts')} does not exist.`,
    });
  });
});
