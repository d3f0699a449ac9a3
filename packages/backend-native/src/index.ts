/** `@anant/backend-native`: Anant's own backend. */
import { resolve } from 'node:path';
import type { BackendEnvironment } from '@anant/core';
import { ClusterBackend } from './cluster-backend.js';
import { NativeBackend } from './embedded/native-backend.js';
import { isOnCluster, type NativeOptions } from './embedded/options.js';

export { ClusterBackend } from './cluster-backend.js';
export { findNvidiaGpus, type NvidiaGpu, type NvidiaOptions } from './embedded/gpu/nvidia.js';
export { NativeBackend } from './embedded/native-backend.js';
export type { NativeOptions } from './embedded/options.js';
export { optionsSchema } from './embedded/options.js';

/** The embedded backend, or with `cluster` a cluster's. @throws ZodError naming the option that is wrong. */
export function native(options: NativeOptions = {}, id = 'native'): NativeBackend | ClusterBackend {
  return isOnCluster(options) ? new ClusterBackend(options, id) : new NativeBackend(options, id);
}

/** Makes the backend for a configuration: its name there, and where Python and Python modules are. */
export function createBackend(
  options: NativeOptions,
  environment: BackendEnvironment,
): NativeBackend | ClusterBackend {
  const { id, directory } = environment;
  const executable = options.python?.executable ?? environment.python.executable;
  const folders = [...(options.python?.path ?? []), ...environment.python.path];
  const python = {
    ...options.python,
    ...(executable !== undefined && { executable }),
    path: (folders.length > 0 ? folders : ['.']).map((folder) => resolve(directory, folder)),
  };
  const resolved = { ...options, python };
  return isOnCluster(options)
    ? new ClusterBackend(resolved, id, directory)
    : new NativeBackend(resolved, id, directory);
}
