/**
 * The scheduler in the simulator: every fault of the matrix with many seeds, invariants checked in every run.
 *
 *   node bench/scheduler-faults.mjs [--seeds 2000] [--from 1] [--fault NAME] [--shrink] [--json]
 *
 * `--fault` is a name of the matrix or what several begin with: `--fault heads:` runs those of several heads.
 * `--shrink` reduces the first violation to the fewest steps that still show it, and prints them.
 *
 * Prints runs, virtual time and what was seen; each violation with the command that shows it again. Exits with 1 when
 * there was one.
 */
import { parseArgs } from 'node:util';
import {
  runSchedulerScenario,
  SCHEDULER_FAULTS,
  shrinkSchedulerScenario,
} from '@anant/backend-native/simulator';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    fault: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const SEEDS = Number(options.seeds);
const FROM = Number(options.from);
const names = SCHEDULER_FAULTS.map(({ name }) => name);
const wanted = options.fault ?? '';
const faults = names.includes(wanted) ? [wanted] : names.filter((name) => name.startsWith(wanted));
if (faults.length === 0) throw new TypeError(`The matrix has no fault "${options.fault}".`);
/** Violations printed; more are only counted. */
const SHOWN_MAX = 20;

const startMs = performance.now();
const rows = faults.map((fault) => ({ fault, runs: 0, violations: 0, events: 0, tasks: 0, counts: {} }));
const found = [];
for (let seed = FROM; seed < FROM + SEEDS; seed += 1) {
  for (const row of rows) {
    let report;
    try {
      report = runSchedulerScenario({ seed, fault: row.fault });
    } catch (error) {
      report = {
        violations: [
          { invariant: 'crash', what: String(error.stack).split('\n').slice(0, 4).join(' '), atMs: 0 },
        ],
        events: 0,
        tasks: 0,
        counts: {},
      };
    }
    row.runs += 1;
    row.events += report.events;
    row.tasks += report.tasks;
    row.violations += report.violations.length > 0 ? 1 : 0;
    for (const [name, count] of Object.entries(report.counts))
      row.counts[name] = (row.counts[name] ?? 0) + count;
    if (report.violations.length > 0) found.push({ seed, fault: row.fault, ...report.violations[0] });
  }
}
const wallS = (performance.now() - startMs) / 1000;
const runs = rows.reduce((sum, row) => sum + row.runs, 0);
const result = {
  seeds: SEEDS,
  from: FROM,
  runs,
  violations: found.length,
  wallS: Math.round(wallS),
  rows,
  found,
};
if (options.json) console.log(JSON.stringify(result));
else {
  for (const row of rows) {
    const { executions, accepted, superseded, recoveries, quarantined } = row.counts;
    console.log(
      `${row.fault.padEnd(28)} ${row.runs} runs, ${row.violations} with violations; ${row.tasks} tasks, ` +
        `${executions} executions, ${accepted} results, ${superseded} refused, ${recoveries} starts of the head, ${quarantined} quarantined`,
    );
  }
  for (const { seed, fault, invariant, what, atMs } of found.slice(0, SHOWN_MAX)) {
    console.log(`${invariant} at ${Math.round(atMs)} ms: ${what}`);
    console.log(`  node bench/scheduler-faults.mjs --seeds 1 --from ${seed} --fault '${fault}'`);
  }
  if (options.shrink && found.length > 0) {
    const [{ seed, fault }] = found;
    console.log(`Smallest form of "${fault}", seed ${seed}:`);
    console.log(shrinkSchedulerScenario({ seed, fault })?.transcript);
  }
  console.log(`${runs} runs in ${wallS.toFixed(0)} s: ${found.length} with violations`);
}
process.exitCode = found.length > 0 ? 1 : 0;
