/** What the package of a backend exports. */
import type { BackendV1 } from '../contract/index.js';
import type { StandardSchema } from '../define/index.js';

/** What an adapter gets besides its own options. */
export interface BackendEnvironment {
  /** The name in the configuration; the backend's `id` must be this. */
  readonly id: string;
  /** Folder of the configuration file: relative paths in options start there. */
  readonly directory: string;
  readonly python: {
    readonly path: readonly string[];
    readonly executable: string | undefined;
  };
}

export interface BackendModule<Options = Readonly<Record<string, unknown>>> {
  /** Makes a backend; starts nothing. Called again for a second try after a failed start. */
  createBackend(options: Options, environment: BackendEnvironment): BackendV1;
  /** Checks the options and fills in defaults. Must refuse unknown keys (with zod: `z.strictObject`). */
  readonly optionsSchema: StandardSchema<unknown, Options>;
}

/** The packages of the built-in backends. */
export const BUILT_IN_PACKAGES = {
  native: '@anant/backend-native',
  dask: '@anant/backend-dask',
  ray: '@anant/backend-ray',
  celery: '@anant/backend-celery',
} as const;
