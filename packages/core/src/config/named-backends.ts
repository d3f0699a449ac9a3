/** Every place of a configuration and its environment that names a backend. */
import { type EnvironmentSettings, splitList } from './environment.js';
import type { AnantConfig, WorkloadDetails, WorkloadSetting } from './types.js';

export interface NamedBackend {
  readonly keys: readonly PropertyKey[];
  readonly backend: string;
  /** `use` configures a built-in backend that has no entry of its own. */
  readonly wish: 'use' | 'forbid';
  readonly variable?: string;
}

export function namedBackends(config: AnantConfig, environment: EnvironmentSettings): NamedBackend[] {
  const named = list(['forbid'], config.forbid, 'forbid');
  named.push(...list(['defaults', 'forbid'], config.defaults?.forbid, 'forbid'));
  const backend = config.defaults?.backend;
  if (backend !== undefined) named.push({ keys: ['defaults', 'backend'], backend, wish: 'use' });
  for (const [workload, setting] of Object.entries(config.workloads ?? {})) {
    named.push(...namedBySetting(['workloads', workload], setting));
  }
  for (const [workload, { variable, text }] of environment.workloads) {
    const keys = ['workloads', workload];
    for (const name of splitList(text)) named.push({ keys, backend: name, wish: 'use', variable });
  }
  return named;
}

function namedBySetting(keys: readonly PropertyKey[], setting: WorkloadSetting): NamedBackend[] {
  if (typeof setting === 'string') return [{ keys, backend: setting, wish: 'use' }];
  if (Array.isArray(setting)) return list(keys, setting, 'use');
  const { primary, secondary, forbid, pin } = setting as WorkloadDetails;
  return [
    ...list([...keys, 'primary'], primary, 'use'),
    ...list([...keys, 'secondary'], secondary, 'use'),
    ...list([...keys, 'forbid'], forbid, 'forbid'),
    ...(pin === undefined ? [] : [{ keys: [...keys, 'pin'], backend: pin, wish: 'use' } as const]),
  ];
}

const list = (
  keys: readonly PropertyKey[],
  names: readonly string[] = [],
  wish: NamedBackend['wish'],
): NamedBackend[] => names.map((backend, index) => ({ keys: [...keys, index], backend, wish }));
