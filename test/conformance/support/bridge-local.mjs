/** The bridge's built-in engine as a backend: a pool of worker processes, nothing else installed. */
import { createBridgeBackend, planLaunch } from '@anant/bridge';
import { coreFeatures } from '@anant/bridge/adapter';
import { absent, defineManifest, emulated, native } from '@anant/core';

const MEBIBYTE = 2 ** 20;
export const PAYLOAD_BYTES_MAX = 64 * MEBIBYTE;

const manifest = defineManifest({
  features: {
    ...coreFeatures('The built-in engine'),
    'cancel.kill': native(),
    priority: native(),
    objects: native(),
    'result-by-reference': native(),
    resources: absent('It has worker processes, but no resources to count.'),
    placement: absent('All its workers are on this machine.'),
    'placement.group': absent('All its workers are on this machine.'),
    'memory-limit': native(),
    'recovery.worker-loss': native(),
    'recovery.control-plane-loss': emulated('The bridge is its control plane; a new one is started.'),
  },
  ratings: {
    scalability: 1,
    performance: 2,
    flexibility: 2,
    easeOfUse: 3,
    faultTolerance: 2,
    realTime: 2,
    memoryEfficiency: 2,
    customisation: 2,
  },
  payloadBytesMax: PAYLOAD_BYTES_MAX,
});

/** @param {{ engineOptions?: Record<string, unknown>, env?: Record<string, string> }} options */
export function createBackend(options = {}) {
  return createBridgeBackend({
    id: 'bridge',
    manifest,
    engine: 'local',
    engineOptions: {
      local: { workers: 2, memory_bytes_max: 768 * MEBIBYTE },
      node_memory_bytes_max: 512 * MEBIBYTE,
      window: 2048,
      payload_bytes_max: PAYLOAD_BYTES_MAX,
      ...options.engineOptions,
    },
    launch: () => planLaunch({ engine: 'local', env: options.env }),
  });
}
