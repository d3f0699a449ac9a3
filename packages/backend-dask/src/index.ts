/** `@anant/backend-dask`: runs tasks on Dask, started here or reached by address. */

import { createEngineBackend, standaloneEnvironment } from '@anant/bridge/adapter';
import type { BackendEnvironment, BackendV1, ObjectStore, StreamSource } from '@anant/core';
import { manifest } from './manifest.js';
import { type DaskOptions, type DaskSettings, optionsSchema, wireOptions } from './options.js';

export { manifest } from './manifest.js';
export { type DaskOptions, type DaskSettings, optionsSchema } from './options.js';

declare module '@anant/core' {
  interface BackendOptionsMap {
    dask: DaskOptions;
  }
}

/** Makes the backend from checked options, for a configuration. Starts nothing. */
export function createBackend(
  options: DaskSettings,
  environment: BackendEnvironment,
): BackendV1 & ObjectStore & StreamSource {
  return createEngineBackend({
    engine: 'dask',
    manifest,
    options,
    engineOptions: wireOptions(options, environment.directory),
    environment,
  });
}

/** Makes the backend directly. Starts nothing. @throws ZodError when an option does not fit */
export function dask(options: DaskOptions = {}, id = 'dask'): BackendV1 & ObjectStore & StreamSource {
  return createBackend(optionsSchema.parse(options), standaloneEnvironment(id));
}
