/** `@anant/backend-celery`: runs tasks on Celery, started here or reached by address. */

import { createEngineBackend, standaloneEnvironment } from '@anant/bridge/adapter';
import type { BackendEnvironment, BackendV1, ObjectStore, StreamSource } from '@anant/core';
import { manifest } from './manifest.js';
import { type CeleryOptions, type CelerySettings, optionsSchema, wireOptions } from './options.js';

export { manifest } from './manifest.js';
export { type CeleryOptions, type CelerySettings, optionsSchema } from './options.js';

declare module '@anant/core' {
  interface BackendOptionsMap {
    celery: CeleryOptions;
  }
}

/** Makes the backend from checked options, for a configuration. Starts nothing. */
export function createBackend(
  options: CelerySettings,
  environment: BackendEnvironment,
): BackendV1 & ObjectStore & StreamSource {
  return createEngineBackend({
    engine: 'celery',
    manifest,
    options,
    engineOptions: wireOptions(options, environment.directory),
    environment,
  });
}

/** Makes the backend directly. Starts nothing. @throws ZodError when an option does not fit */
export function celery(options: CeleryOptions = {}, id = 'celery'): BackendV1 & ObjectStore & StreamSource {
  return createBackend(optionsSchema.parse(options), standaloneEnvironment(id));
}
