/**
 * The embedded backend, end to end through the client: no-op tasks per second and one round trip, by mode, with piscina
 * alone in the same run.
 *
 *   node bench/native.mjs [--tasks 100000] [--runs 7] [--trips 4000] [--json]
 *
 * Medians of the runs; the cases take turns, so that a busy moment of the machine hits all of them. A process-mode run
 * has a tenth of the tasks. Python is measured when ANANT_PYTHON names an interpreter. Exits with 1 when a goal is missed.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { native } from '@anant/backend-native';
import { connect, definePythonTask } from '@anant/core';
import { Piscina } from 'piscina';
import { noop } from './native-tasks.mjs';

const { values: options } = parseArgs({
  options: {
    tasks: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '7' },
    trips: { type: 'string', default: '4000' },
    json: { type: 'boolean', default: false },
  },
});
const TASKS = Number(options.tasks);
const RUNS = Number(options.runs);
const TRIPS = Number(options.trips);
const OPEN_TASKS = 4096;
const GOALS = { 'async, map': 200, 'thread, map': 80, 'thread, round trip': 60 };

const slots = availableParallelism();
const client = connect({ backends: { native: () => native() } });
const pool = new Piscina({
  filename: fileURLToPath(new URL('./native-tasks.mjs', import.meta.url)),
  name: 'piscinaNoop',
  minThreads: slots,
  maxThreads: slots,
});
const anything = { '~standard': { version: 1, vendor: 'bench', validate: (value) => ({ value }) } };
const pythonEcho = definePythonTask({
  target: 'anant_bridge.conformance:echo',
  input: anything,
  output: anything,
});

const numbers = Array.from({ length: TASKS }, (_, index) => index);
const records = numbers.map((index) => ({ id: index, name: 'vertex', neighbours: [index + 1, index + 2] }));

/** Thousands of tasks per second. */
async function throughput(count, run) {
  const startMs = performance.now();
  await run();
  return count / (performance.now() - startMs);
}

const map = (inputs, mode) => () =>
  throughput(inputs.length, async () => {
    const results = await client.map(noop, inputs, { mode });
    if (results.length !== inputs.length) throw new Error('results are missing');
  });

/** As many calls open as `map` keeps. */
const piscinaMap = () =>
  throughput(TASKS, async () => {
    let next = 0;
    const worker = async () => {
      while (next < TASKS) await pool.run(numbers[next++]);
    };
    await Promise.all(Array.from({ length: OPEN_TASKS }, worker));
  });

/** Median of one call after the other, in microseconds. */
const trip = (count, call) => async () => {
  const times = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const startMs = performance.now();
    await call(index);
    times[index] = performance.now() - startMs;
  }
  return times.sort()[count >> 1] * 1000;
};

const CASES = {
  'async, map': { unit: 'k/s', run: map(numbers, 'async') },
  'thread, map': { unit: 'k/s', run: map(numbers, 'thread') },
  'thread, map of small records': { unit: 'k/s', run: map(records, 'thread') },
  'process, map': { unit: 'k/s', run: map(numbers.slice(0, TASKS / 10), 'process') },
  'piscina alone': { unit: 'k/s', run: piscinaMap },
  'async, round trip': {
    unit: 'µs',
    run: trip(TRIPS, (index) => client.run(noop, index, { mode: 'async' })),
  },
  'thread, round trip': {
    unit: 'µs',
    run: trip(TRIPS, (index) => client.run(noop, index, { mode: 'thread' })),
  },
  'process, round trip': {
    unit: 'µs',
    run: trip(TRIPS / 4, (index) => client.run(noop, index, { mode: 'process' })),
  },
  'piscina alone, round trip': { unit: 'µs', run: trip(TRIPS, (index) => pool.run(index)) },
  ...(process.env.ANANT_PYTHON && {
    'python, round trip': { unit: 'µs', run: trip(TRIPS / 20, (index) => client.run(pythonEcho, index)) },
  }),
};

const samples = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (let run = -1; run < RUNS; run += 1) {
  for (const [name, { run: measure }] of Object.entries(CASES)) {
    const value = await measure();
    // The first round warms up: threads start, code is compiled.
    if (run >= 0) samples[name].push(value);
  }
}
await client.close();
await pool.destroy();

const sorted = (values) => values.toSorted((a, b) => a - b);
const figures = Object.entries(samples).map(([name, values]) => {
  const { unit } = CASES[name];
  const ordered = sorted(values);
  const median = ordered[ordered.length >> 1];
  const goal = GOALS[name];
  const isMet = goal === undefined || (unit === 'k/s' ? median >= goal : median <= goal);
  return { name, unit, median, least: ordered[0], most: ordered.at(-1), goal, isMet };
});
const host = {
  cpu: cpus()[0].model,
  cores: slots,
  node: process.version,
  loadAverage: loadavg()[0],
};

if (options.json) {
  console.log(JSON.stringify({ host, tasks: TASKS, runs: RUNS, figures }, null, 2));
} else {
  console.log(`${host.cores} × ${host.cpu}, Node ${host.node}, load ${host.loadAverage.toFixed(1)}`);
  console.log(`medians of ${RUNS} runs, ${TASKS} tasks a run`);
  for (const { name, unit, median, least, most, goal, isMet } of figures) {
    const wanted =
      goal === undefined ? '' : `   goal ${unit === 'k/s' ? '≥' : '≤'} ${goal}${isMet ? '' : ' MISSED'}`;
    const range = `(${least.toFixed(1)} to ${most.toFixed(1)})`;
    console.log(`${name.padEnd(30)} ${median.toFixed(1).padStart(8)} ${unit} ${range.padEnd(20)}${wanted}`);
  }
}
if (figures.some(({ isMet }) => !isMet)) process.exitCode = 1;
