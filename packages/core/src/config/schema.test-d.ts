/** The schema and the types say the same; a key added to one only is a type error here. */
import { describe, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { ClientLimits, DefaultOptions } from '../client/types/index.js';
import { defineConfig } from './define-config.js';
import type { configSchema } from './schema.js';
import type { AnantConfig, PythonSettings } from './types.js';

type Checked = z.infer<typeof configSchema>;
type Keys<Section> = keyof NonNullable<Section>;

describe('the schema of a configuration', () => {
  it('knows exactly the keys of the types', () => {
    expectTypeOf<keyof Checked>().toEqualTypeOf<keyof AnantConfig>();
    expectTypeOf<Keys<Checked['defaults']>>().toEqualTypeOf<keyof DefaultOptions>();
    expectTypeOf<Keys<Checked['limits']>>().toEqualTypeOf<keyof ClientLimits>();
    expectTypeOf<Keys<Checked['python']>>().toEqualTypeOf<keyof PythonSettings>();
    expectTypeOf<Keys<NonNullable<Checked['defaults']>['retry']>>().toEqualTypeOf<
      Keys<DefaultOptions['retry']>
    >();
    expectTypeOf<Keys<NonNullable<Checked['defaults']>['timeouts']>>().toEqualTypeOf<
      Keys<DefaultOptions['timeouts']>
    >();
    expectTypeOf<Keys<NonNullable<Checked['defaults']>['cancel']>>().toEqualTypeOf<
      Keys<DefaultOptions['cancel']>
    >();
  });
});

describe('defineConfig', () => {
  it('takes a backend, a list or details per workload', () => {
    defineConfig({
      backends: { dask: { address: 'tcp://localhost:8786' }, mine: { package: '@me/backend' } },
      workloads: {
        batch: 'celery',
        interactive: ['native', 'mine'],
        'ml-training': { primary: ['ray'], secondary: ['native'], fallback: 'forbid' },
      },
      defaults: { timeouts: { startToCloseMs: 1000 }, retry: { attempts: 2 } },
      python: { path: ['./python'] },
    });
  });

  it('refuses misspelt keys and wrong types', () => {
    // @ts-expect-error no such key
    defineConfig({ backend: {} });
    // @ts-expect-error not a place a workload can go to
    defineConfig({ workloads: { batch: 5 } });
    // @ts-expect-error no such value
    defineConfig({ workloads: { batch: { primary: ['ray'], fallback: 'never' } } });
    // @ts-expect-error a number is needed
    defineConfig({ defaults: { timeouts: { startToCloseMs: '1s' } } });
  });
});
