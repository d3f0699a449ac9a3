/** Answers what a head runs with. Secrets are not among it. */
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type {
  GetConfigurationRequest,
  GetConfigurationResponse,
  Setting,
} from '../proto/anant/v1/configuration.js';
import type { Head } from './head.js';

export class ConfigurationDesk {
  readonly handlers;

  constructor(head: Head) {
    this.handlers = {
      getConfiguration: (
        _call: ServerUnaryCall<GetConfigurationRequest, GetConfigurationResponse>,
        callback: sendUnaryData<GetConfigurationResponse>,
      ) => callback(null, { settings: settingsOf(head) }),
    };
  }
}

function settingsOf({ options, state, port }: Head): Setting[] {
  const { limits, weights, ...scheduler } = state.options;
  const values = {
    host: options.host ?? '127.0.0.1',
    port,
    certificates: options.security === undefined ? 'none' : 'required',
    token: options.token === undefined ? 'none' : 'required',
    ...prefixed('scheduler', scheduler),
    ...prefixed('scheduler.weights', weights),
    ...prefixed('scheduler.limits', limits),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

const prefixed = (prefix: string, values: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));
