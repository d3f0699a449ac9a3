/** Turns the setting of a workload into a row of the routing table. */
import { DEFAULT_WORKLOADS, type WorkloadRoute } from '../routing/index.js';
import type { WorkloadDetails, WorkloadSetting } from './types.js';

/**
 * A name or a list sets the primaries; the other backends of the default row become secondaries, so that naming a
 * backend keeps the fallback. Details override each part on its own.
 */
export function resolveWorkload(name: string, setting: WorkloadSetting | undefined): WorkloadRoute {
  const details = asDetails(setting);
  const row = defaultRow(name);
  const primary = [...new Set(details.primary ?? row.primary)];
  const secondary = details.secondary ?? [...row.primary, ...row.secondary];
  return {
    primary,
    secondary: [...new Set(secondary)].filter((backend) => !primary.includes(backend)),
    fallback: details.fallback ?? row.fallback,
    ...(details.pin !== undefined && { pin: details.pin }),
    ...(details.forbid !== undefined && { forbid: details.forbid }),
  };
}

function asDetails(setting: WorkloadSetting | undefined): WorkloadDetails {
  if (setting === undefined) return {};
  if (typeof setting === 'string') return { primary: [setting] };
  return Array.isArray(setting) ? { primary: setting } : (setting as WorkloadDetails);
}

const EMPTY_ROW: WorkloadRoute = { primary: [], secondary: [], fallback: 'allow' };

const defaultRow = (name: string): WorkloadRoute =>
  Object.hasOwn(DEFAULT_WORKLOADS, name)
    ? DEFAULT_WORKLOADS[name as keyof typeof DEFAULT_WORKLOADS]
    : EMPTY_ROW;
