/** From a resolved configuration to the options of a client. */
import type { BackendSource, ConnectOptions } from '../client/types/index.js';
import { AnantError } from '../error/index.js';
import { loadBackendFactory } from './load-backend.js';
import type { ResolvedConfig } from './types.js';

/**
 * Imports the packages of all configured backends and checks their options. A package that is not installed is no
 * error here: its source throws `E_BACKEND_NOT_INSTALLED` when routing looks at it, and the next backend is taken.
 * @throws AnantError `E_CONFIG_INVALID`, `E_BACKEND_SPEC`
 */
export async function toConnectOptions(config: ResolvedConfig): Promise<ConnectOptions> {
  const backends: Record<string, BackendSource> = {};
  for (const [name, section] of Object.entries(config.backends)) {
    try {
      backends[name] = await loadBackendFactory(name, section, config);
    } catch (error) {
      if (
        !AnantError.is(error, 'E_BACKEND_NOT_INSTALLED') &&
        !AnantError.is(error, 'E_BACKEND_UNAVAILABLE')
      ) {
        throw error;
      }
      backends[name] = () => {
        throw error;
      };
    }
  }
  const { workloads, forbid, defaults, limits } = config;
  return { backends, workloads, forbid, defaults, limits };
}
