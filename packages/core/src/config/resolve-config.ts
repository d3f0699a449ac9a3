/** `resolveConfig`: checks a configuration, applies the environment and fills in defaults. */
import {
  BUILT_IN_BACKENDS,
  DEFAULT_BACKEND,
  DEFAULT_WORKLOADS,
  type WorkloadRoute,
} from '../routing/index.js';
import { oddWorkloads, unknownNames, unknownSections, unknownVariables } from './check-names.js';
import {
  type Environment,
  type EnvironmentSettings,
  parseOption,
  readEnvironment,
  splitList,
} from './environment.js';
import { type NamedBackend, namedBackends } from './named-backends.js';
import { configError } from './problem.js';
import { resolveWorkload } from './resolve-workload.js';
import { checkSchema } from './schema-problems.js';
import { builtInPackage, isBackend, isPackaged } from './section.js';
import type {
  AnantConfig,
  BackendSection,
  ResolvedBackend,
  ResolvedConfig,
  WorkloadSetting,
} from './types.js';

export interface ResolveOptions {
  /** Named in errors; paths inside the configuration start from its folder. */
  readonly file?: string | undefined;
  readonly directory: string;
  readonly env?: Environment;
}

/**
 * Checks a configuration against its schema and for names that exist.
 * @throws AnantError `E_CONFIG_INVALID`, or `E_BACKEND_UNKNOWN` when unknown backends are all that is wrong; the
 * message names the file, the path of each bad entry and the nearest valid name.
 */
export async function resolveConfig(input: unknown, options: ResolveOptions): Promise<ResolvedConfig> {
  const { configSchema } = await import('./schema.js');
  const checked = await checkSchema(configSchema, input);
  if (checked.problems) throw configError(checked.problems, options.file);
  const config = input as AnantConfig;
  const sections = { [DEFAULT_BACKEND]: {}, ...config.backends };
  const names = [...new Set([...BUILT_IN_BACKENDS, ...Object.keys(sections)])];
  const settings = { ...DEFAULT_ROWS, ...config.workloads };
  const environment = readEnvironment(options.env ?? {}, Object.keys(settings), names);
  const named = namedBackends(config, environment);
  const problems = [
    ...unknownSections(sections),
    ...unknownVariables(environment, names),
    ...unknownNames(named, names),
  ];
  if (problems.length > 0) throw configError(problems, options.file);
  return {
    file: options.file,
    directory: options.directory,
    backends: resolveBackends({ ...wanted(named), ...sections }, environment),
    workloads: resolveWorkloads(settings, environment),
    forbid: config.forbid ?? [],
    defaults: config.defaults ?? {},
    limits: config.limits ?? {},
    python: {
      path: config.python?.path ?? [],
      executable: environment.python ?? config.python?.executable,
    },
    graph: {
      partitions: config.graph?.partitions ?? 'never',
      memoryBytesMax: config.graph?.memoryBytesMax ?? GRAPH_MEMORY_BYTES_MAX,
    },
    warnings: oddWorkloads(Object.keys(config.workloads ?? {})),
  };
}

/** All that a kernel can address. */
const GRAPH_MEMORY_BYTES_MAX = 2 ** 32;

const DEFAULT_ROWS: Readonly<Record<string, WorkloadSetting | undefined>> = Object.fromEntries(
  Object.keys(DEFAULT_WORKLOADS).map((name) => [name, undefined]),
);

/** Naming a built-in backend is enough to use it, with its default options. */
const wanted = (named: readonly NamedBackend[]): Record<string, object> =>
  Object.fromEntries(
    named.flatMap(({ backend, wish }) =>
      wish === 'use' && builtInPackage(backend) !== undefined ? [[backend, {}]] : [],
    ),
  );

function resolveWorkloads(
  settings: Readonly<Record<string, WorkloadSetting | undefined>>,
  environment: EnvironmentSettings,
): Record<string, WorkloadRoute> {
  const names = new Set([...Object.keys(settings), ...environment.workloads.keys()]);
  const routes: Record<string, WorkloadRoute> = {};
  for (const name of names) {
    const override = environment.workloads.get(name);
    routes[name] = resolveWorkload(name, override ? splitList(override.text) : settings[name]);
  }
  return routes;
}

function resolveBackends(
  sections: Readonly<Record<string, BackendSection | undefined>>,
  environment: EnvironmentSettings,
): Record<string, ResolvedBackend> {
  const backends: Record<string, ResolvedBackend> = {};
  for (const name of new Set([...Object.keys(sections), ...environment.options.keys()])) {
    const section = sections[name] ?? {};
    const overrides = environment.options.get(name) ?? {};
    const parsed = Object.entries(overrides).map(([option, { text }]) => [option, parseOption(text)]);
    const isInstance = isBackend(section);
    const base = isPackaged(section) ? (section.options ?? {}) : isInstance ? {} : section;
    backends[name] = {
      package: isInstance ? undefined : isPackaged(section) ? section.package : builtInPackage(name),
      options: { ...(base as Record<string, unknown>), ...Object.fromEntries(parsed) },
      environment: overrides,
      instance: isInstance ? section : undefined,
    };
  }
  return backends;
}
