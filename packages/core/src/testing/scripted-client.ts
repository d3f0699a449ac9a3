/** A client on a scripted backend and a virtual clock: the bench on which policies are tested. */
import { connect } from '../client/connect.js';
import type { Client, ConnectOptions } from '../client/types/index.js';
import { ScriptedBackend, type ScriptedBackendOptions } from './scripted-backend.js';
import { seededRandom } from './seeded-random.js';
import { VirtualClock } from './virtual-clock.js';

export interface ScriptedClientOptions extends Omit<ConnectOptions, 'backends' | 'clock'> {
  readonly backend?: ScriptedBackendOptions;
  /** Further backends by id. */
  readonly others?: ConnectOptions['backends'];
  /** @default 1 */
  readonly seed?: number;
}

export interface ScriptedClient {
  readonly client: Client;
  readonly backend: ScriptedBackend;
  readonly clock: VirtualClock;
}

/** Every task goes to the scripted backend unless the options say otherwise. */
export function scriptedClient(options: ScriptedClientOptions = {}): ScriptedClient {
  const { backend: backendOptions, others, seed = 1, ...rest } = options;
  const backend = new ScriptedBackend(backendOptions);
  const clock = new VirtualClock();
  const client = connect({
    defaults: { backend: backend.id },
    random: seededRandom(seed),
    ...rest,
    backends: { [backend.id]: backend, ...others },
    clock,
  });
  return { client, backend, clock };
}
