/**
 * Files of every format, damaged in thousands of ways: each is read as something or refused with a code, in bounded time
 * and memory.
 *
 *   node bench/damaged-files.mjs [--tries 10000] [--seed 1] [--formats arrow,parquet,…] [--json]
 *
 * Each format is read in a process of its own, which is ended when one file takes over 30 seconds. Exits with 1 when that
 * happens, when a file ends otherwise than read or refused, or when a process used over 512 MiB. Another seed gives other
 * files; the number of a try is its place in the sequence of its seed.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { EXPORT_FORMATS } from '@anant/graph';

const { values: options } = parseArgs({
  options: {
    tries: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    formats: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const SILENT_MS_MAX = 30_000;
const PEAK_MIB_MAX = 512;
const known = [...EXPORT_FORMATS.filter((format) => format !== 'simplices'), 'arrow-stream', 'anant'];
const formats = options.formats === '' ? known : options.formats.split(',');

async function read(format) {
  const folder = mkdtempSync(join(tmpdir(), 'anant-damaged-'));
  const script = join(import.meta.dirname, 'graph', 'read-damaged.mjs');
  const child = spawn(process.execPath, [script, format, options.tries, options.seed, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  let timer = setTimeout(() => child.kill('SIGKILL'), SILENT_MS_MAX);
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), SILENT_MS_MAX);
  }
  clearTimeout(timer);
  rmSync(folder, { recursive: true, force: true });
  if (!last.startsWith('{')) return { format, problems: [`ended at try ${last || 0}`] };
  const { outcomes, slowestMs, peakMib } = JSON.parse(last);
  const problems = Object.keys(outcomes).filter((outcome) => !/^(read|E_[A-Z_]+)$/.test(outcome));
  if (peakMib > PEAK_MIB_MAX) problems.push(`${peakMib} MiB`);
  return { format, outcomes, slowestMs, peakMib, problems };
}

const results = [];
for (const format of formats) {
  const result = await read(format);
  results.push(result);
  if (options.json) continue;
  const { outcomes = {}, slowestMs, peakMib, problems } = result;
  const counts = Object.entries(outcomes).map(([name, count]) => `${name.split('\n')[0]} ${count}`);
  console.log(`${format.padEnd(24)} ${counts.join(', ')}; slowest ${slowestMs} ms, ${peakMib} MiB`);
  for (const problem of problems) console.log(`  ${problem}`);
}
if (options.json) console.log(JSON.stringify({ tries: options.tries, seed: options.seed, results }));
process.exitCode = results.every(({ problems }) => problems.length === 0) ? 0 : 1;
