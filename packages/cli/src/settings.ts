/** The configuration a command works with: the file's, plus the backends named on the command line. */
import type { NativeOptions } from '@anant/backend-native';
import { AnantError, BUILT_IN_BACKENDS, DEFAULT_BACKEND } from '@anant/core';
import {
  BUILT_IN_PACKAGES,
  loadConfig,
  nearest,
  type ResolvedConfig,
  resolveConfig,
} from '@anant/core/config';
import type { Terminal } from './output/terminal.js';

type NativeCluster = NonNullable<NativeOptions['cluster']>;

export interface Settings {
  readonly config: ResolvedConfig;
  /** Backends that no configuration mentions and that are therefore started on this machine. */
  readonly startedLocally: readonly string[];
  /** Address of the cluster of this folder, when the native backend uses it without being told. */
  readonly cluster?: string;
}

export interface SettingsOptions {
  /** The native backend in this process, although a cluster is up. */
  readonly embedded?: true | undefined;
}

/** @throws AnantError `E_CONFIG_INVALID`, `E_CONFIG_NOT_FOUND`, `E_BACKEND_UNKNOWN` */
export async function loadSettings(
  file: string | undefined,
  backends: readonly string[],
  { embedded }: SettingsOptions = {},
): Promise<Settings> {
  const config = await loadConfig(file === undefined ? {} : { file });
  const missing = backends.filter((name) => !(name in config.backends));
  for (const name of missing) checkBuiltIn(name, config);
  const all = missing.length === 0 ? config : await withLocal(config, missing);
  if (embedded) return { config: onCluster(all, { address: 'none' }), startedLocally: missing };
  const used = await runningCluster(all);
  if (used === undefined) return { config: all, startedLocally: missing };
  return {
    config: onCluster(all, used),
    startedLocally: missing.filter((name) => name !== DEFAULT_BACKEND),
    cluster: used.address,
  };
}

async function withLocal(config: ResolvedConfig, names: readonly string[]): Promise<ResolvedConfig> {
  const added = await resolveConfig(
    { backends: Object.fromEntries(names.map((name) => [name, { local: true }])) },
    { directory: config.directory, env: process.env },
  );
  return { ...config, backends: { ...added.backends, ...config.backends } };
}

/** The cluster that `anant up` started for this folder, unless the configuration says where the native backend runs. */
async function runningCluster({ backends }: ResolvedConfig): Promise<NativeCluster | undefined> {
  const section = backends[DEFAULT_BACKEND];
  const isOwn = section !== undefined && section.package === BUILT_IN_PACKAGES[DEFAULT_BACKEND];
  if (!isOwn || section.options.cluster !== undefined) return undefined;
  const { certificatesOf, findRunningCluster } = await import('@anant/backend-native/local-cluster');
  const directory = process.cwd();
  const found = findRunningCluster(directory);
  if (found === undefined) return undefined;
  const { address, token, bind } = found;
  const certificates = certificatesOf({ certificates: undefined, directory, local: found });
  return {
    address,
    ...(token !== '' && { token }),
    ...(bind !== undefined && { bind }),
    ...(certificates !== undefined && { certificates }),
  };
}

function onCluster(config: ResolvedConfig, cluster: NativeCluster): ResolvedConfig {
  const section = config.backends[DEFAULT_BACKEND];
  if (section === undefined) return config;
  const native = { ...section, options: { ...section.options, cluster } };
  return { ...config, backends: { ...config.backends, [DEFAULT_BACKEND]: native } };
}

/** Says which cluster is used although nobody named it. */
export function noteCluster({ cluster }: Settings, terminal: Terminal): void {
  if (cluster === undefined) return;
  terminal.note(
    `${terminal.style('green', '✓')} Cluster: native runs on the one of this folder, at ${cluster} (--embedded: in this process)`,
  );
}

function checkBuiltIn(name: string, config: ResolvedConfig): void {
  if (name === DEFAULT_BACKEND || (BUILT_IN_BACKENDS as readonly string[]).includes(name)) return;
  const known = [...new Set([...BUILT_IN_BACKENDS, ...Object.keys(config.backends)])];
  const close = nearest(name, known);
  throw new AnantError('E_BACKEND_UNKNOWN', `There is no backend "${name}".`, {
    advice: `${close ? `Did you mean "${close}"? ` : ''}Known: ${known.join(', ')}.`,
    details: { backend: name, known },
  });
}
