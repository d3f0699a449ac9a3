/**
 * What `import '@anant/core'` costs: a new process each time, median of 21, beside an empty program.
 * `node bench/import.mjs [--json]`. Goal: at most 60 ms, at most 5 dependencies.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const RUNS = 21;
const program = `const start = performance.now(); await import('@anant/core'); console.log(performance.now() - start);`;
const times = Array.from({ length: RUNS }, () =>
  Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })),
).sort((a, b) => a - b);
const manifest = JSON.parse(readFileSync(new URL('../packages/core/package.json', import.meta.url), 'utf8'));
const report = {
  host: `${cpus().length} × ${cpus()[0].model}, Node ${process.version}`,
  importMs: { median: times[RUNS >> 1], min: times[0], max: times[RUNS - 1] },
  dependencies: Object.keys(manifest.dependencies),
};
if (process.argv.includes('--json')) console.log(JSON.stringify(report));
else {
  const { median, min, max } = report.importMs;
  console.log(report.host);
  console.log(
    `import @anant/core: median ${median.toFixed(1)} ms (${min.toFixed(1)} to ${max.toFixed(1)}), ${report.dependencies.length} dependencies: ${report.dependencies.join(', ')}`,
  );
}
