/** `connectFromConfig`: a client as the configuration file says. */
import { type Client, type ConnectOptions, connect } from '../client/index.js';
import { toConnectOptions } from './connect-options.js';
import { type LoadConfigOptions, loadConfig } from './load-config.js';

export interface ConnectFromConfigOptions extends LoadConfigOptions {
  /** What a file cannot hold, and what wins over it. */
  readonly override?: Partial<ConnectOptions>;
}

/**
 * Reads the configuration, loads the packages of its backends and makes a client; without a file the defaults hold.
 * @throws AnantError as `loadConfig` and `toConnectOptions` do
 */
export async function connectFromConfig(options: ConnectFromConfigOptions = {}): Promise<Client> {
  const { override, ...load } = options;
  return connect({ ...(await toConnectOptions(await loadConfig(load))), ...override });
}
