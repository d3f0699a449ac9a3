/** The configuration a command works with: the file's, plus the backends named on the command line. */
import { AnantError, BUILT_IN_BACKENDS, DEFAULT_BACKEND } from '@anant/core';
import { loadConfig, nearest, type ResolvedConfig, resolveConfig } from '@anant/core/config';

export interface Settings {
  readonly config: ResolvedConfig;
  /** Backends that no configuration mentions and that are therefore started on this machine. */
  readonly startedLocally: readonly string[];
}

/** @throws AnantError `E_CONFIG_INVALID`, `E_CONFIG_NOT_FOUND`, `E_BACKEND_UNKNOWN` */
export async function loadSettings(file: string | undefined, backends: readonly string[]): Promise<Settings> {
  const config = await loadConfig(file === undefined ? {} : { file });
  const startedLocally = backends.filter((name) => !(name in config.backends));
  for (const name of startedLocally) checkBuiltIn(name, config);
  if (startedLocally.length === 0) return { config, startedLocally };
  const added = await resolveConfig(
    { backends: Object.fromEntries(startedLocally.map((name) => [name, { local: true }])) },
    { directory: config.directory, env: process.env },
  );
  return { config: { ...config, backends: { ...added.backends, ...config.backends } }, startedLocally };
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
