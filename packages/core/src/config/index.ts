/** The configuration: reading it, checking it, and making backends and clients from it. */
export type { BackendEnvironment, BackendModule } from './backend-module.js';
export { BUILT_IN_PACKAGES } from './backend-module.js';
export type { ConnectFromConfigOptions } from './connect-from-config.js';
export { connectFromConfig } from './connect-from-config.js';
export { toConnectOptions } from './connect-options.js';
export { defineConfig } from './define-config.js';
export type { Environment } from './environment.js';
export { loadBackend, loadBackendFactory } from './load-backend.js';
export type { LoadConfigOptions } from './load-config.js';
export { CONFIG_FILES, loadConfig } from './load-config.js';
export { nearest } from './nearest.js';
export type { Problem } from './problem.js';
export type { ResolveOptions } from './resolve-config.js';
export { resolveConfig } from './resolve-config.js';
export type {
  AnantConfig,
  BackendOptionsMap,
  BackendSection,
  BackendSections,
  EnvironmentValue,
  PackagedBackend,
  PythonSettings,
  ResolvedBackend,
  ResolvedConfig,
  WorkloadDetails,
  WorkloadSetting,
} from './types.js';
