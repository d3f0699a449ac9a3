/** `@anant/backend-native`: Anant's own backend. */
import { resolve } from 'node:path';
import type { BackendEnvironment } from '@anant/core';
import { NativeBackend } from './embedded/native-backend.js';
import type { NativeOptions } from './embedded/options.js';

export { NativeBackend } from './embedded/native-backend.js';
export type { NativeOptions } from './embedded/options.js';
export { optionsSchema } from './embedded/options.js';

/** The embedded backend: no server, no port. @throws ZodError naming the option that is wrong. */
export function native(options: NativeOptions = {}, id = 'native'): NativeBackend {
  return new NativeBackend(options, id);
}

/** Makes the backend for a configuration: its name there, and where Python and Python modules are. */
export function createBackend(options: NativeOptions, environment: BackendEnvironment): NativeBackend {
  const { id, directory } = environment;
  const executable = options.python?.executable ?? environment.python.executable;
  const folders = [...(options.python?.path ?? []), ...environment.python.path];
  const python = {
    ...options.python,
    ...(executable !== undefined && { executable }),
    path: (folders.length > 0 ? folders : ['.']).map((folder) => resolve(directory, folder)),
  };
  return new NativeBackend({ ...options, python }, id, directory);
}
