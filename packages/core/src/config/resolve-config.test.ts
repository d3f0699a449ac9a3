import { describe, expect, it } from 'vitest';
import { AnantError } from '../error/index.js';
import { DEFAULT_WORKLOADS } from '../routing/index.js';
import { type Environment, resolveConfig } from './index.js';

const FILE = '/app/anant.config.ts';
const resolve = (config: unknown, env: Environment = {}) =>
  resolveConfig(config, { file: FILE, directory: '/app', env });

async function errorOf(config: unknown, env?: Environment): Promise<AnantError> {
  try {
    await resolve(config, env);
  } catch (error) {
    if (AnantError.is(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a configuration that is wrong', () => {
  it.each<[string, unknown, string]>([
    ['not an object', 5, 'the configuration must be an object, not the number 5'],
    ['nothing', null, 'the configuration must be an object, not null'],
    ['a list', [], 'the configuration must be an object, not an array'],
    [
      'a misspelt key',
      { workload: {} },
      'workload is not a known key; known here: backends, workloads, forbid, defaults, limits, python, graph; did you mean "workloads"?',
    ],
    [
      'a key like nothing',
      { zzz: 1 },
      'zzz is not a known key; known here: backends, workloads, forbid, defaults, limits, python',
    ],
    [
      'a wrong type',
      { workloads: { batch: 5 } },
      'workloads.batch must be a string or an array or an object, not the number 5',
    ],
    [
      'a wrong type in a list',
      { workloads: { batch: ['dask', 7] } },
      'workloads.batch[1] must be a string, not the number 7',
    ],
    [
      'an empty list',
      { workloads: { batch: [] } },
      'workloads.batch is not valid: Too small: expected array to have >=1 items, got an array',
    ],
    [
      'a misspelt key deep down',
      { workloads: { 'ml-training': { primry: [] } } },
      'workloads.ml-training.primry is not a known key; known here: primary, secondary, fallback, pin, forbid; did you mean "primary"?',
    ],
    [
      'a misspelt value',
      { workloads: { batch: { fallback: 'forbit' } } },
      'workloads.batch.fallback must be one of "allow", "forbid", not the string "forbit"; did you mean "forbid"?',
    ],
    [
      'text for a number',
      { defaults: { timeouts: { heartbeatMs: '5' } } },
      'defaults.timeouts.heartbeatMs must be a number, not the string "5"',
    ],
    [
      'a fraction for an integer',
      { defaults: { priority: 0.5 } },
      'defaults.priority must be an integer, not the number 0.5',
    ],
    [
      'a number out of range',
      { defaults: { priority: 2000 } },
      'defaults.priority is not valid: Too big: expected number to be <=1000, got the number 2000',
    ],
    ['an unknown feature', { defaults: { require: ['stream'] } }, 'did you mean "streams"?'],
    ['a misspelt limit', { limits: { openTaskMax: 5 } }, 'limits.openTaskMax is not a known key'],
    [
      'a misspelt rate',
      { limits: { workloadRates: { batch: { perSecond: 5, brust: 9 } } } },
      'limits.workloadRates.batch.brust is not a known key; known here: perSecond, burst; did you mean "burst"?',
    ],
    [
      'something missing',
      { limits: { workloadRates: { batch: {} } } },
      'limits.workloadRates.batch.perSecond is missing; it must be a number',
    ],
    [
      'a backend that is no object',
      { backends: { dask: true } },
      'backends.dask is not valid: it must be an object, got the boolean true',
    ],
    [
      'a key beside package',
      { backends: { mine: { package: 'x', option: {} } } },
      'backends.mine.option is not a known key; beside "package" there is only "options"; did you mean "options"?',
    ],
    [
      'a package that is no name',
      { backends: { mine: { package: 5 } } },
      'backends.mine.package must be the name or path of a package',
    ],
    [
      'options that are no object',
      { backends: { mine: { package: 'x', options: 5 } } },
      'backends.mine.options must be an object',
    ],
    ['a name with other characters', { workloads: { 'my work': 5 } }, 'workloads["my work"] must be'],
  ])('%s', async (_, config, message) => {
    const error = await errorOf(config);
    expect(error.code).toBe('E_CONFIG_INVALID');
    expect(error.message).toContain(`${FILE}: `);
    expect(error.message).toContain(message);
  });

  it.each<[string, unknown, Environment, string]>([
    [
      'in backends',
      { backends: { dsk: {} } },
      {},
      'backends.dsk is not a built-in backend (native, dask, ray, celery); one of your own needs "package"; did you mean "dask"?',
    ],
    [
      'for a workload',
      { workloads: { batch: 'celry' } },
      {},
      'workloads.batch names the backend "celry", which is neither built in nor configured; known: native, dask, ray, celery; did you mean "celery"?',
    ],
    [
      'in a list',
      { workloads: { batch: { secondary: ['ray', 'spark'] } } },
      {},
      'workloads.batch.secondary[1] names the backend "spark"',
    ],
    ['as pin', { workloads: { batch: { pin: 'x' } } }, {}, 'workloads.batch.pin names'],
    ['forbidden', { forbid: ['rya'] }, {}, 'forbid[0] names the backend "rya"'],
    [
      'by default',
      { defaults: { backend: 'x', forbid: ['y'] } },
      {},
      'defaults.backend names the backend "x"',
    ],
    [
      'in a variable',
      {},
      { ANANT_WORKLOAD_BATCH: 'dask, rya' },
      'workloads.batch (set by ANANT_WORKLOAD_BATCH) names the backend "rya"',
    ],
    [
      'in the name of a variable',
      {},
      { ANANT_BACKEND_SPARK_SIZE: '5' },
      'ANANT_BACKEND_SPARK_SIZE names no backend',
    ],
  ])('an unknown backend %s', async (_, config, env, message) => {
    const error = await errorOf(config, env);
    expect(error.code).toBe('E_BACKEND_UNKNOWN');
    expect(error.message).toContain(message);
  });

  it('names every problem, in the message and as details', async () => {
    const error = await errorOf({ forbid: 5, workloads: { batch: 6 } });
    expect(error.message).toBe(
      [
        `${FILE}:`,
        '  workloads.batch must be a string or an array or an object, not the number 6',
        '  forbid must be an array, not the number 5',
      ].join('\n'),
    );
    expect(error.details).toMatchObject({
      file: FILE,
      problems: [{ path: 'workloads.batch' }, { path: 'forbid' }],
    });
    const many = await errorOf(
      Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`key${index}`, 1])),
    );
    expect(many.message).toContain('and 20 more');
    expect(many.details.problems).toHaveLength(30);
  });

  it('says what to write instead', async () => {
    expect((await errorOf({ bakends: {} })).advice).toBe(
      'Write "backends" instead; docs/config.md lists every key.',
    );
    expect((await errorOf({}, { ANANT_WORKLOAD_BATCH: ',' })).message).toContain(
      'must name at least one backend',
    );
  });
});

describe('a configuration that is right', () => {
  it('is the default table when it is empty', async () => {
    expect(await resolve({})).toEqual({
      file: FILE,
      directory: '/app',
      backends: {
        native: { package: '@anant/backend-native', options: {}, environment: {}, instance: undefined },
      },
      workloads: DEFAULT_WORKLOADS,
      forbid: [],
      defaults: {},
      limits: {},
      graph: { partitions: 'never', memoryBytesMax: 2 ** 32 },
      python: { path: [], executable: undefined },
      warnings: [],
    });
  });

  it('takes one line per workload, and keeps the others of the row as secondaries', async () => {
    const { workloads, backends } = await resolve({
      workloads: {
        batch: 'celery',
        'graph-analytics': ['ray', 'ray'],
        'ml-training': { primary: ['dask'], secondary: [], fallback: 'forbid', pin: 'dask', forbid: ['ray'] },
        nightly: 'dask',
      },
    });
    expect(workloads.batch).toEqual({ primary: ['celery'], secondary: ['dask'], fallback: 'allow' });
    expect(workloads['graph-analytics']).toEqual({
      primary: ['ray'],
      secondary: ['native', 'dask'],
      fallback: 'allow',
    });
    expect(workloads['ml-training']).toEqual({
      primary: ['dask'],
      secondary: [],
      fallback: 'forbid',
      pin: 'dask',
      forbid: ['ray'],
    });
    expect(workloads.nightly).toEqual({ primary: ['dask'], secondary: [], fallback: 'allow' });
    // Naming is enough to use a built-in backend; forbidding one is no wish to have it.
    expect(Object.keys(backends).sort()).toEqual(['celery', 'dask', 'native', 'ray']);
    expect(Object.keys((await resolve({ forbid: ['ray'] })).backends)).toEqual(['native']);
  });

  it('takes packages, options and finished backends', async () => {
    const instance = { spec: 'backend/v1', id: 'memory', manifest: {}, doSubmit() {} };
    const { backends } = await resolve({
      backends: {
        dask: { scheduler: 'tcp://x' },
        mine: { package: '@me/backend', options: { size: 1 } },
        memory: instance,
      },
      workloads: { batch: 'mine' },
    });
    expect(backends.dask).toMatchObject({
      package: '@anant/backend-dask',
      options: { scheduler: 'tcp://x' },
    });
    expect(backends.mine).toMatchObject({ package: '@me/backend', options: { size: 1 } });
    expect(backends.memory).toMatchObject({ package: undefined, options: {} });
    expect(backends.memory!.instance).toBe(instance);
  });

  it('warns of a workload that is almost a default one', async () => {
    const { warnings } = await resolve({ workloads: { intractive: 'native', 'my-own-thing': 'native' } });
    expect(warnings).toEqual(['workloads.intractive is a workload of your own; did you mean "interactive"?']);
  });
});

describe('the environment', () => {
  it('wins over the file', async () => {
    const config = {
      backends: { dask: { scheduler: 'tcp://file', localWorkers: 1 }, my_dask: { package: '@me/dask' } },
      workloads: { batch: 'celery', nightly: 'dask' },
      python: { executable: 'python3' },
    };
    const resolved = await resolve(config, {
      ANANT_WORKLOAD_BATCH: 'dask,ray',
      ANANT_WORKLOAD_NIGHTLY: 'ray',
      ANANT_WORKLOAD_ML_TRAINING: 'native',
      ANANT_WORKLOAD_BRAND_NEW: 'native',
      ANANT_BACKEND_DASK_SCHEDULER: 'tcp://env',
      ANANT_BACKEND_DASK_START_TIMEOUT_MS: '5000',
      ANANT_BACKEND_MY_DASK_TAGS: '["a"]',
      ANANT_BACKEND_RAY_LOCAL: 'true',
      ANANT_BACKEND_CELERY_BROKER: '',
      ANANT_PYTHON: '/opt/python3',
      OTHER: 'x',
    });
    expect(resolved.workloads.batch!.primary).toEqual(['dask', 'ray']);
    expect(resolved.workloads.batch!.secondary).toEqual(['celery']);
    expect(resolved.workloads.nightly!.primary).toEqual(['ray']);
    expect(resolved.workloads['ml-training']!.primary).toEqual(['native']);
    expect(resolved.workloads['brand-new']!.primary).toEqual(['native']);
    expect(resolved.backends.dask!.options).toEqual({
      scheduler: 'tcp://env',
      localWorkers: 1,
      startTimeoutMs: 5000,
    });
    expect(resolved.backends.my_dask!.options).toEqual({ tags: ['a'] });
    expect(resolved.backends.ray!.options).toEqual({ local: true });
    expect(resolved.backends.celery!.options).toEqual({});
    expect(resolved.python.executable).toBe('/opt/python3');
  });
});
