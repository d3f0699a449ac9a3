/** Can this backend take this task? The answer is a rejection with its reason, or nothing. */
import type { CapabilityManifest, Feature } from '../contract/index.js';
import type { BackendState, Rejection, Requirements } from './types.js';

const NO_FEATURES: readonly Feature[] = [];

/** @returns why the backend cannot take the task, or `undefined` when it can. */
export function assess(
  backend: string,
  manifest: CapabilityManifest | undefined,
  state: BackendState | undefined,
  requirements: Requirements | undefined,
): Rejection | undefined {
  if (manifest === undefined) {
    return { backend, code: 'not-installed', reason: state?.reason ?? 'its package is not installed' };
  }
  if (state?.health === 'down') {
    return { backend, code: 'unhealthy', reason: state.reason ?? 'it is down' };
  }
  if (requirements === undefined) return undefined;
  const { features, nativeFeatures, payloadBytes } = requirements;
  const missing = missingFeatures(manifest, features, nativeFeatures);
  if (missing.length > 0) {
    return {
      backend,
      code: 'missing-capability',
      reason: missing.map((feature) => describeMissing(manifest, feature)).join('; '),
      features: missing,
    };
  }
  if (payloadBytes !== undefined && payloadBytes > manifest.payloadBytesMax) {
    const reason = `the input has ${payloadBytes} bytes, it takes ${manifest.payloadBytesMax} at most`;
    return { backend, code: 'payload-too-large', reason };
  }
  return undefined;
}

function missingFeatures(
  manifest: CapabilityManifest,
  features: readonly Feature[] = NO_FEATURES,
  nativeFeatures: readonly Feature[] = NO_FEATURES,
): readonly Feature[] {
  const isAbsent = (feature: Feature): boolean => manifest.features[feature].level === 'absent';
  const isNotNative = (feature: Feature): boolean => manifest.features[feature].level !== 'native';
  if (!features.some(isAbsent) && !nativeFeatures.some(isNotNative)) return NO_FEATURES;
  return [...new Set([...features.filter(isAbsent), ...nativeFeatures.filter(isNotNative)])];
}

function describeMissing(manifest: CapabilityManifest, feature: Feature): string {
  const { level, reason } = manifest.features[feature];
  const lack = level === 'absent' ? 'it has no' : 'it only emulates';
  return reason ? `${lack} "${feature}": ${reason}` : `${lack} "${feature}"`;
}
