/** What the in-memory backend can do. */
import {
  absent,
  type CapabilityManifest,
  defineManifest,
  emulated,
  type Feature,
  type FeatureSupport,
  native,
  type TaskEnvelope,
} from '../../contract/index.js';

const BY_CORE = 'core does it for every backend';
const ONE_THREAD = 'tasks run in the thread of the caller';

const FEATURES: Readonly<Record<Feature, FeatureSupport>> = {
  'task.typescript': native(),
  'task.python': absent('it runs no Python'),
  'task.kernel': native(),
  'task.gpu': absent('tasks run in the thread of the caller, without gpu.js'),
  'cancel.ask': native(),
  'cancel.kill': absent(`${ONE_THREAD}, which cannot be ended`),
  priority: emulated(BY_CORE),
  'rate-limit': emulated(BY_CORE),
  eta: emulated(BY_CORE),
  'timeout.schedule-to-start': emulated(BY_CORE),
  'timeout.start-to-close': emulated(BY_CORE),
  'timeout.schedule-to-close': emulated(BY_CORE),
  'timeout.heartbeat': emulated(BY_CORE),
  retries: emulated(BY_CORE),
  progress: native(),
  streams: native(),
  graph: emulated(BY_CORE),
  objects: native(),
  'result-by-reference': native(),
  actors: native(),
  resources: absent(ONE_THREAD),
  placement: absent(ONE_THREAD),
  'placement.group': absent(ONE_THREAD),
  'memory-limit': absent(ONE_THREAD),
  'delivery.at-most-once': native(),
  'recovery.worker-loss': absent(ONE_THREAD),
  'recovery.control-plane-loss': absent('there is no control plane'),
};

const RATINGS = {
  scalability: 1,
  performance: 2,
  flexibility: 4,
  easeOfUse: 4,
  faultTolerance: 1,
  realTime: 4,
  memoryEfficiency: 3,
  customisation: 4,
};

export function memoryManifest(
  payloadBytesMax: number,
  changes: Partial<Record<Feature, FeatureSupport>> = {},
): CapabilityManifest {
  return defineManifest({ features: { ...FEATURES, ...changes }, ratings: RATINGS, payloadBytesMax });
}

/** Why a task cannot run here, by what it is. */
export function lackOf({ definition, options }: TaskEnvelope): { code: string; reason: string } | undefined {
  const lack =
    definition.kind === 'python'
      ? 'runs no Python'
      : options.mode === 'gpu'
        ? 'has no mode "gpu"'
        : options.placement?.group && 'has no placement groups';
  return lack ? { code: 'E_CAPABILITY_MISSING', reason: `the in-memory backend ${lack}` } : undefined;
}
