import type { AnantConfig } from './types.js';

/** Returns the configuration as it is; gives `anant.config.ts` its types. */
export function defineConfig<const Config extends AnantConfig>(config: Config): Config {
  return config;
}
