/** `@anant/bridge/adapter`: what the packages of the engines are made of. */
export {
  type CommonOptions,
  commonOptions,
  localOption,
  oneEngine,
  remoteAddress,
  tlsOption,
} from './common-options.js';
export { coreFeatures } from './core-features.js';
export {
  createEngineBackend,
  type EngineAdapter,
  standaloneEnvironment,
  tlsWireOptions,
} from './engine-backend.js';
