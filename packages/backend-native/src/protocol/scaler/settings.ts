import { AnantError } from '@anant/core';
import type { ScalerOptions, ScalerSettings } from './scaler-types.js';

const WORKERS_MAX = 10_000;

/** Fills in the defaults. @throws AnantError `E_CONFIG_INVALID` naming the option that is wrong */
export function resolveScaler(options: ScalerOptions): ScalerSettings {
  const settings: ScalerSettings = {
    workersMin: options.workersMin ?? 1,
    workersMax: options.workersMax,
    drainTargetMs: options.drainTargetMs ?? 10_000,
    utilisationTarget: options.utilisationTarget ?? 0.8,
    upWindowMs: options.upWindowMs ?? 2_000,
    downWindowMs: options.downWindowMs ?? 300_000,
    stepMax: options.stepMax ?? 4,
    bootMsMax: options.bootMsMax ?? 120_000,
  };
  const { workersMin, workersMax } = settings;
  whole('workersMin', workersMin, 0);
  whole('workersMax', workersMax, Math.max(1, workersMin));
  whole('stepMax', settings.stepMax, 1);
  for (const name of ['drainTargetMs', 'bootMsMax'] as const) {
    if (!(settings[name] > 0)) throw invalid(name, settings[name], 'above 0');
  }
  for (const name of ['upWindowMs', 'downWindowMs'] as const) {
    if (!(settings[name] >= 0)) throw invalid(name, settings[name], 'at least 0');
  }
  const { utilisationTarget } = settings;
  if (!(utilisationTarget > 0 && utilisationTarget <= 1)) {
    throw invalid('utilisationTarget', utilisationTarget, 'above 0 and at most 1');
  }
  return settings;
}

function whole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value <= WORKERS_MAX) return;
  throw invalid(name, value, `a whole number from ${least} to ${WORKERS_MAX}`);
}

function invalid(name: string, value: number, wanted: string): AnantError {
  return new AnantError('E_CONFIG_INVALID', `The scaler's ${name} must be ${wanted}, not ${value}.`);
}
