import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Environment, loadBackend, resolveConfig, toConnectOptions } from './index.js';

const ZOD = fileURLToPath(import.meta.resolve('zod'));
const backend = (id: string, spec = 'backend/v1') =>
  `({ spec: '${spec}', id: ${id}, manifest: {}, doSubmit() {}, options, environment })`;
const schema = `import { z } from ${JSON.stringify(ZOD)};
export const optionsSchema = z.strictObject({ size: z.int().default(1), password: z.string().optional() });`;

const PACKAGES: Readonly<Record<string, string>> = {
  '@me/backend': `${schema}\nexport const createBackend = (options, environment) => ${backend('environment.id')};`,
  '@me/old': `${schema}\nexport const createBackend = (options, environment) => ${backend('environment.id', 'backend/v2')};`,
  '@me/stubborn': `${schema}\nexport const createBackend = (options, environment) => ${backend("'stubborn'")};`,
  '@me/nothing': 'export const hello = 1;',
  '@me/broken': 'throw new Error("native addon is missing");',
  '@me/needy': "import 'not-there-at-all';",
  '@me/plain': `export const optionsSchema = { '~standard': { version: 1, vendor: 'me', validate: () => ({ issues: [{ message: 'no good', path: ['size'] }] }) } };
export const createBackend = () => undefined;`,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anant-backends-'));
  for (const [name, text] of Object.entries(PACKAGES)) {
    const home = join(folder, 'node_modules', name);
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'package.json'),
      JSON.stringify({ name, type: 'module', exports: './index.js' }),
    );
    writeFileSync(join(home, 'index.js'), text);
  }
  const file = join(folder, 'backends/mine.ts');
  mkdirSync(dirname(file));
  writeFileSync(file, `${PACKAGES['@me/backend']}\nexport const typed: number = 1;`);
});
afterAll(() => rmSync(folder, { recursive: true }));

const resolve = (config: unknown, env: Environment = {}) =>
  resolveConfig(config, { file: join(folder, 'anant.config.ts'), directory: folder, env });

async function load(name: string, packageName: string, options: object = {}, env: Environment = {}) {
  const config = await resolve({ backends: { [name]: { package: packageName, options } } }, env);
  return (await loadBackend(name, config.backends[name]!, config)) as unknown as {
    options: unknown;
    environment: unknown;
    id: string;
  };
}

describe('loadBackend', () => {
  it('imports the package from where the configuration is, with checked options', async () => {
    const loaded = await load('mine', '@me/backend', { size: 3 });
    expect(loaded).toMatchObject({ id: 'mine', options: { size: 3 } });
    expect(loaded.environment).toEqual({
      id: 'mine',
      directory: folder,
      python: { path: [], executable: undefined },
    });
    expect((await load('mine', '@me/backend')).options).toEqual({ size: 1 });
  });

  it('imports a path from the configuration file, TypeScript too', async () => {
    expect(await load('mine', './backends/mine.ts', { size: 2 })).toMatchObject({ options: { size: 2 } });
  });

  it('reads options from the environment as their schema wants them', async () => {
    const env = { ANANT_BACKEND_MINE_SIZE: '7', ANANT_BACKEND_MINE_PASSWORD: '12345' };
    expect((await load('mine', '@me/backend', {}, env)).options).toEqual({ size: 7, password: '12345' });
  });

  it('passes on a finished backend', async () => {
    const instance = { spec: 'backend/v1', id: 'mine', manifest: {}, doSubmit() {} };
    const config = await resolve({ backends: { mine: instance } });
    expect(await loadBackend('mine', config.backends.mine!, config)).toBe(instance);
  });

  it.each<[string, string, object, object]>([
    [
      'not installed',
      '@me/missing',
      {},
      {
        code: 'E_BACKEND_NOT_INSTALLED',
        message: 'Backend "mine" needs @me/missing, which is not installed.',
        advice: 'Run: npm install @me/missing',
      },
    ],
    ['a missing path', './nowhere.js', {}, { code: 'E_BACKEND_UNAVAILABLE' }],
    [
      'no backend',
      '@me/nothing',
      {},
      {
        code: 'E_BACKEND_SPEC',
        message: expect.stringContaining('does not export createBackend and optionsSchema'),
      },
    ],
    [
      'of another version',
      '@me/old',
      {},
      {
        code: 'E_BACKEND_SPEC',
        message: 'Backend "mine" follows contract "backend/v2", this core expects "backend/v1".',
        advice: 'Install versions that fit: npm install @anant/core@latest @me/old@latest',
        details: { expected: 'backend/v1', got: 'backend/v2' },
      },
    ],
    [
      'broken',
      '@me/broken',
      {},
      { code: 'E_BACKEND_UNAVAILABLE', cause: { message: 'native addon is missing' } },
    ],
    ['in need of another package', '@me/needy', {}, { code: 'E_BACKEND_UNAVAILABLE' }],
    [
      'of another name',
      '@me/stubborn',
      {},
      { code: 'E_CONFIG_INVALID', message: expect.stringContaining('the backend calls itself "stubborn"') },
    ],
    [
      'given a misspelt option',
      '@me/backend',
      { siez: 3 },
      {
        code: 'E_CONFIG_INVALID',
        message: expect.stringContaining(
          'anant.config.ts: backends.mine.siez is not a known key; known here: size, password; did you mean "size"?',
        ),
      },
    ],
    [
      'given a wrong type',
      '@me/backend',
      { size: 'x' },
      {
        code: 'E_CONFIG_INVALID',
        message: expect.stringContaining('backends.mine.size must be a number, not the string "x"'),
      },
    ],
    [
      'checked by another library',
      '@me/plain',
      { size: 5 },
      {
        code: 'E_CONFIG_INVALID',
        message: expect.stringContaining('backends.mine.size is not valid: no good, got the number 5'),
      },
    ],
  ])('refuses one that is %s', async (_, packageName, options, error) => {
    await expect(load('mine', packageName, options)).rejects.toMatchObject(error);
  });

  it('names the variable that set a wrong option', async () => {
    await expect(load('mine', '@me/backend', {}, { ANANT_BACKEND_MINE_SIZE: 'big' })).rejects.toMatchObject({
      message: expect.stringContaining(
        'backends.mine.size (set by ANANT_BACKEND_MINE_SIZE) must be a number, not the string "big"',
      ),
    });
  });
});

describe('toConnectOptions', () => {
  it('makes backends on demand; one that is not installed throws only then', async () => {
    const config = await resolve({
      backends: { mine: { package: '@me/backend' }, absent: { package: '@me/missing' } },
      forbid: ['absent'],
      limits: { openTasksMax: 5 },
    });
    const { backends, workloads, forbid, limits } = await toConnectOptions({
      ...config,
      backends: pick(config.backends),
    });
    const [mine, absent] = [backends.mine, backends.absent] as (() => { id: string })[];
    expect(mine!().id).toBe('mine');
    expect(mine!()).not.toBe(mine!());
    expect(() => absent!()).toThrow(expect.objectContaining({ code: 'E_BACKEND_NOT_INSTALLED' }));
    expect({ workloads, forbid, limits }).toEqual({
      workloads: config.workloads,
      forbid: ['absent'],
      limits: { openTasksMax: 5 },
    });
  });

  it('throws at once what the user can correct', async () => {
    const config = await resolve({ backends: { mine: { package: '@me/backend', options: { size: 'x' } } } });
    await expect(toConnectOptions({ ...config, backends: pick(config.backends) })).rejects.toMatchObject({
      code: 'E_CONFIG_INVALID',
    });
  });
});

/** Without the embedded backend, whose package these tests do not need. */
const pick = <Section>({ native: _, ...others }: Readonly<Record<string, Section>>) => others;
