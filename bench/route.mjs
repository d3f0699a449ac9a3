/** How long one routing decision takes, in nanoseconds: median of rounds. Must stay under 1 µs. */
import { parseArgs } from 'node:util';
import { BUILT_IN_RATINGS, compileRoutes, DEFAULT_WORKLOADS, FEATURES } from '@anant/core';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const DECISIONS = 200_000;
const ROUNDS = 11;

const manifestOf = (ratings, absent = []) => ({
  ratings,
  payloadBytesMax: 1e9,
  features: Object.fromEntries(
    FEATURES.map((feature) => [
      feature,
      absent.includes(feature) ? { level: 'absent', reason: 'none' } : { level: 'native' },
    ]),
  ),
});
const manifests = {
  native: manifestOf(BUILT_IN_RATINGS.native),
  dask: manifestOf(BUILT_IN_RATINGS.dask, ['actors']),
  ray: manifestOf(BUILT_IN_RATINGS.ray, ['priority']),
  celery: manifestOf(BUILT_IN_RATINGS.celery, ['streams', 'actors']),
};
const router = compileRoutes({ workloads: DEFAULT_WORKLOADS }, manifests);
const states = {
  native: { health: 'ready', latencyMs: 0.05 },
  dask: { health: 'ready', latencyMs: 8 },
  ray: { health: 'ready', latencyMs: 2 },
  celery: { health: 'down', reason: 'breaker open after 3 failures' },
};

const cases = {
  'one primary': { workload: 'interactive', states },
  'two primaries, two features': {
    workload: 'graph-analytics',
    states,
    requirements: { features: ['task.kernel', 'progress'] },
  },
  'fallback after two rejections': {
    workload: 'batch',
    states,
    requirements: { features: ['streams', 'actors'] },
    task: { secondary: ['ray'] },
  },
  'pinned by the call': { workload: 'streaming', states, call: { pin: 'ray' } },
};

function nanosecondsPerDecision(request) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < DECISIONS; i++) if (!router.route(request).backend) throw new Error('no route');
  return Number(process.hrtime.bigint() - start) / DECISIONS;
}

const results = {};
for (const [name, request] of Object.entries(cases)) {
  const rounds = Array.from({ length: ROUNDS }, () => nanosecondsPerDecision(request)).sort((a, b) => a - b);
  results[name] = Math.round(rounds[ROUNDS >> 1]);
}
if (values.json) console.log(JSON.stringify({ unit: 'ns', results }));
else for (const [name, ns] of Object.entries(results)) console.log(`${String(ns).padStart(6)} ns  ${name}`);
if (Object.values(results).some((ns) => ns >= 1000)) process.exitCode = 1;
