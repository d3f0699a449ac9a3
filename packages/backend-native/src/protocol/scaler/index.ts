export { NEW_SCALER, RECOMMENDATIONS_MAX, scale } from './scaler.js';
export type {
  ClusterObservation,
  ObservedWorker,
  Recommendation,
  ScalerDecision,
  ScalerOptions,
  ScalerSettings,
  ScalerState,
} from './scaler-types.js';
export { resolveScaler } from './settings.js';
