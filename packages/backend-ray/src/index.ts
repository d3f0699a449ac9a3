/** `@anant/backend-ray`: runs tasks on Ray, started here or reached by address. */

import { createEngineBackend, standaloneEnvironment } from '@anant/bridge/adapter';
import type { BackendEnvironment, BackendV1, ObjectStore, StreamSource } from '@anant/core';
import { manifest } from './manifest.js';
import { optionsSchema, type RayOptions, type RaySettings, wireOptions } from './options.js';

export { manifest } from './manifest.js';
export { optionsSchema, type RayOptions, type RaySettings } from './options.js';

declare module '@anant/core' {
  interface BackendOptionsMap {
    ray: RayOptions;
  }
}

/** Makes the backend from checked options, for a configuration. Starts nothing. */
export function createBackend(
  options: RaySettings,
  environment: BackendEnvironment,
): BackendV1 & ObjectStore & StreamSource {
  return createEngineBackend({
    engine: 'ray',
    manifest,
    options,
    engineOptions: wireOptions(options, environment.directory),
    environment,
  });
}

/** Makes the backend directly. Starts nothing. @throws ZodError when an option does not fit */
export function ray(options: RayOptions = {}, id = 'ray'): BackendV1 & ObjectStore & StreamSource {
  return createBackend(optionsSchema.parse(options), standaloneEnvironment(id));
}
