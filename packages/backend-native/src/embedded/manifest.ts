/** What the embedded backend can do. */
import {
  absent,
  type CapabilityManifest,
  defineManifest,
  emulated,
  type FeatureSupport,
  native,
} from '@anant/core';

export interface ManifestFacts {
  readonly payloadBytesMax: number;
  /** Why Python tasks cannot run; `undefined` when an interpreter was found. */
  readonly pythonMissing: string | undefined;
  /** Why no task gets kernels of gpu.js; `undefined` when it was found. */
  readonly gpuMissing: string | undefined;
}

const byCore = (what: string): FeatureSupport => emulated(`${what} by the client, for every backend alike`);

export function nativeManifest(facts: ManifestFacts): CapabilityManifest {
  const { payloadBytesMax, pythonMissing, gpuMissing } = facts;
  return defineManifest({
    payloadBytesMax,
    kernelMemory: 'caller',
    ratings: {
      scalability: 2,
      performance: 4,
      flexibility: 4,
      easeOfUse: 2,
      faultTolerance: 3,
      realTime: 4,
      memoryEfficiency: 4,
      customisation: 4,
    },
    features: {
      'task.typescript': native(),
      'task.python': pythonMissing === undefined ? native() : absent(pythonMissing),
      'task.kernel': native(),
      'task.gpu': gpuMissing === undefined ? native() : absent(gpuMissing),
      'cancel.ask': native(),
      'cancel.kill': native(),
      priority: native(),
      'rate-limit': byCore('Counted'),
      eta: byCore('Held back'),
      'timeout.schedule-to-start': byCore('Watched'),
      'timeout.start-to-close': byCore('Watched'),
      'timeout.schedule-to-close': byCore('Watched'),
      'timeout.heartbeat': byCore('Watched'),
      retries: byCore('Decided'),
      progress: native(),
      streams: native(),
      graph: byCore('Released'),
      objects: native(),
      'result-by-reference': native(),
      actors: native(),
      resources: native(),
      placement: absent('The embedded backend is one process: there is no other place'),
      'placement.group': absent('The embedded backend is one process; a cluster has groups'),
      'memory-limit': native(),
      'delivery.at-most-once': native(),
      'recovery.worker-loss': native(),
      'recovery.control-plane-loss': absent('The embedded backend lives and dies with its process'),
    },
  });
}
