/** Turns a decision into text for people, and a missing route into an error. */
import { AnantError, type ErrorCode } from '../error/index.js';
import { BUILT_IN_BACKENDS } from './tables.js';
import type { Rejection, RouteDecision } from './types.js';

/** The decision in lines: what was chosen and why, then every other backend and why not. */
export function explainRoute(decision: RouteDecision): string[] {
  const { workload, backend, reason, rejected, scores } = decision;
  const lines = [`${workload} → ${backend ?? 'no backend'}: ${reason}`];
  const width = Math.max(0, ...rejected.map((rejection) => rejection.backend.length));
  for (const rejection of rejected) {
    const score = scores[rejection.backend];
    const tail = score === undefined || rejection.code === 'ranked-lower' ? '' : ` (score ${score})`;
    lines.push(`  not ${rejection.backend.padEnd(width)}  ${rejection.code}: ${rejection.reason}${tail}`);
  }
  return lines;
}

/** The error for a decision without a backend; names every rejection. */
export function noRouteError(decision: RouteDecision): AnantError {
  const { workload, rejected, reason } = decision;
  const relevant = rejected.filter(({ code }) => code !== 'not-listed' && code !== 'not-pinned');
  const list = relevant.map((rejection) => `${rejection.backend}: ${rejection.reason}`).join('; ');
  // Reasons come from backends, some with a full stop of their own.
  const reasons = (list || reason).replace(/\.+$/, '');
  const only = relevant.length === 1 ? relevant[0] : undefined;
  return new AnantError(
    only ? codeOf(only) : 'E_NO_ROUTE',
    `No backend can take a task of workload "${workload}": ${reasons}.`,
    {
      advice: adviceFor(relevant, workload),
      retryable: relevant.some(({ code }) => code === 'unhealthy'),
      details: { workload, rejected: rejected.map((rejection) => ({ ...rejection })) },
    },
  );
}

function codeOf(rejection: Rejection): ErrorCode {
  switch (rejection.code) {
    case 'missing-capability':
      return 'E_CAPABILITY_MISSING';
    case 'not-installed':
      return 'E_BACKEND_NOT_INSTALLED';
    case 'unhealthy':
      return 'E_BACKEND_UNAVAILABLE';
    case 'payload-too-large':
      return 'E_PAYLOAD_TOO_LARGE';
    case 'not-configured':
      return isBuiltIn(rejection.backend) ? 'E_NO_ROUTE' : 'E_BACKEND_UNKNOWN';
    default:
      return 'E_NO_ROUTE';
  }
}

const isBuiltIn = (backend: string): boolean => BUILT_IN_BACKENDS.some((name) => name === backend);

function adviceFor(rejected: readonly Rejection[], workload: string): string {
  const first = (code: Rejection['code']) => rejected.find((rejection) => rejection.code === code)?.backend;
  const unhealthy = first('unhealthy');
  if (unhealthy) return `Wait for ${unhealthy} to recover, or allow a fallback for this workload.`;
  const missing = first('not-installed');
  if (missing) return `Install the package of ${missing}: "anant doctor" names the command.`;
  const unconfigured = first('not-configured');
  if (unconfigured) return `Add ${unconfigured} under "backends" in anant.config.ts.`;
  if (rejected.length === 0) return `Add a line for "${workload}" under "workloads" in anant.config.ts.`;
  return `Choose another backend for "${workload}" in anant.config.ts: "anant route ${workload} --explain" shows all.`;
}
