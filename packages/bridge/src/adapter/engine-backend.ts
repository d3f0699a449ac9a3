/** From the checked options of an adapter to its backend: what is the same for every engine. */
import { resolve } from 'node:path';
import type {
  BackendEnvironment,
  BackendV1,
  CapabilityManifest,
  ObjectStore,
  StreamSource,
} from '@anant/core';
import { createBridgeBackend } from '../backend/bridge-backend.js';
import { planLaunch } from '../backend/plan-launch.js';
import type { EngineName } from '../setup/engines.js';
import { type CommonOptions, remoteAddress } from './common-options.js';

const START_MS_MAX = 60_000;

export interface EngineAdapter {
  readonly engine: EngineName;
  readonly manifest: CapabilityManifest;
  readonly options: CommonOptions;
  /** Options of this engine alone, by their names on the wire. */
  readonly engineOptions?: Readonly<Record<string, unknown>>;
  readonly environment: BackendEnvironment;
}

/** Makes the backend; starts nothing. */
export function createEngineBackend(adapter: EngineAdapter): BackendV1 & ObjectStore & StreamSource {
  const { engine, manifest, options, environment } = adapter;
  const { directory, python } = environment;
  const modulePath = [...(options.pythonPath ?? []), ...python.path];
  const { bridge, payloadBytesMax } = options;
  return createBridgeBackend({
    id: environment.id,
    manifest: { ...manifest, ...(payloadBytesMax !== undefined && { payloadBytesMax }) },
    engine,
    engineOptions: { ...commonWireOptions(options), ...adapter.engineOptions },
    pythonPath: (modulePath.length > 0 ? modulePath : ['.']).map((folder) => resolve(directory, folder)),
    startTimeoutMs: options.startTimeoutMs ?? START_MS_MAX,
    launch: () =>
      planLaunch({
        engine,
        directory,
        python: options.python ?? python.executable,
        env: options.env,
        attach: bridge && { address: bridge.attach, token: bridge.token, curve: bridge.curve },
      }),
  });
}

/** The environment of an adapter that is made by its factory, outside a configuration. */
export const standaloneEnvironment = (id: string): BackendEnvironment => ({
  id,
  directory: process.cwd(),
  python: { path: [], executable: undefined },
});

function commonWireOptions(options: CommonOptions): Record<string, unknown> {
  const address = remoteAddress(options);
  const { slots, windowTasks, payloadBytesMax, nodeMemoryBytesMax } = options;
  return {
    ...(address === undefined ? { local: localWireOptions(options) } : { address }),
    ...(slots !== undefined && { slots }),
    ...(windowTasks !== undefined && { window: windowTasks }),
    ...(payloadBytesMax !== undefined && { payload_bytes_max: payloadBytesMax }),
    ...(nodeMemoryBytesMax !== undefined && { node_memory_bytes_max: nodeMemoryBytesMax }),
  };
}

function localWireOptions({ local }: CommonOptions): Record<string, unknown> {
  const { workers, threadsPerWorker, memoryBytesMax } = local ?? {};
  return {
    ...(workers !== undefined && { workers }),
    ...(threadsPerWorker !== undefined && { threads_per_worker: threadsPerWorker }),
    ...(memoryBytesMax !== undefined && { memory_bytes_max: memoryBytesMax }),
  };
}

/** TLS files by their names on the wire, with absolute paths. */
export function tlsWireOptions(
  tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string } | undefined,
  directory: string,
): Record<string, unknown> {
  if (!tls) return {};
  const at = (file: string): string => resolve(directory, file);
  return { tls: { ca_file: at(tls.caFile), cert_file: at(tls.certFile), key_file: at(tls.keyFile) } };
}
