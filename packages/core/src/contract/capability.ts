/**
 * What a backend can do, as data. The same manifest drives the router, the conformance kit's only legal
 * skips and the support matrix in the docs.
 */

/** How well a feature is supported: by the backend itself, by `core` on its behalf, or not at all. */
export type SupportLevel = 'native' | 'emulated' | 'absent';

/** One feature of one backend. `reason` says why it is not native; it is shown to users. */
export interface FeatureSupport {
  readonly level: SupportLevel;
  readonly reason?: string;
}

/**
 * Every feature a task may require. The list is closed: a new feature is a new literal here, a row in the
 * support matrix and at least one conformance clause.
 */
export const FEATURES = [
  'task.typescript',
  'task.python',
  'task.kernel',
  'task.gpu',
  'cancel.ask',
  'cancel.kill',
  'priority',
  'rate-limit',
  'eta',
  'timeout.schedule-to-start',
  'timeout.start-to-close',
  'timeout.schedule-to-close',
  'timeout.heartbeat',
  'retries',
  'progress',
  'streams',
  'graph',
  'objects',
  'result-by-reference',
  'actors',
  'resources',
  'placement',
  'placement.group',
  'memory-limit',
  'delivery.at-most-once',
  'recovery.worker-loss',
  'recovery.control-plane-loss',
] as const;

export type Feature = (typeof FEATURES)[number];

/** The star ratings of the routing matrix, 1 (weak) to 4 (strong). */
export interface CapabilityRatings {
  readonly scalability: number;
  readonly performance: number;
  readonly flexibility: number;
  readonly easeOfUse: number;
  readonly faultTolerance: number;
  readonly realTime: number;
  readonly memoryEfficiency: number;
  readonly customisation: number;
}

export interface CapabilityManifest {
  readonly features: Readonly<Record<Feature, FeatureSupport>>;
  readonly ratings: CapabilityRatings;
  /** Largest encoded input or result the backend accepts, in bytes. */
  readonly payloadBytesMax: number;
  /** `caller`: kernels run on the caller's `KernelMemory`, without a copy. Left out: on one of the backend's. */
  readonly kernelMemory?: 'caller';
}

export const native = (): FeatureSupport => ({ level: 'native' });
export const emulated = (reason: string): FeatureSupport => ({ level: 'emulated', reason });
export const absent = (reason: string): FeatureSupport => ({ level: 'absent', reason });

/** Checks a manifest is complete and every non-native feature says why, then freezes it. */
export function defineManifest(manifest: CapabilityManifest): CapabilityManifest {
  for (const feature of FEATURES) {
    const support = manifest.features[feature];
    if (support === undefined) throw new TypeError(`The manifest says nothing about "${feature}".`);
    if (support.level !== 'native' && !support.reason) {
      throw new TypeError(`The manifest marks "${feature}" ${support.level} without a reason.`);
    }
  }
  return Object.freeze({ ...manifest, features: Object.freeze({ ...manifest.features }) });
}
