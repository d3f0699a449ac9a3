/**
 * What the client itself costs per task: a backend that starts and ends every task at once, so that nothing else is measured.
 * `node bench/core-client.mjs [--tasks 200000] [--runs 5] [--json]`; medians, in microseconds per task.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { absent, BACKEND_SPEC, connect, defineManifest, defineTask, FEATURES, native } from '@anant/core';

const { values: options } = parseArgs({
  options: {
    tasks: { type: 'string', default: '200000' },
    runs: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});
const TASKS = Number(options.tasks);
const RUNS = Number(options.runs);
const RATING = 1;

const manifest = defineManifest({
  features: Object.fromEntries(
    FEATURES.map((feature) => [feature, feature === 'task.typescript' ? native() : absent('not measured')]),
  ),
  ratings: {
    scalability: RATING,
    performance: RATING,
    flexibility: RATING,
    easeOfUse: RATING,
    faultTolerance: RATING,
    realTime: RATING,
    memoryEfficiency: RATING,
    customisation: RATING,
  },
  payloadBytesMax: 2 ** 30,
});

/** Ends tasks in batches: within `doSubmit` (`sync`), or in the next turn of the event loop (`turn`). */
function echoBackend(when) {
  let emit;
  return {
    spec: BACKEND_SPEC,
    id: 'echo',
    manifest,
    async doStart(context) {
      emit = context.emit;
      return { windowTasks: 8192, slots: 1, details: {} };
    },
    doSubmit(tasks) {
      const events = [];
      for (let i = 0; i < tasks.length; i++) {
        const { id, attempt, input } = tasks[i];
        events.push({ type: 'task-start', id, attempt, worker: 'echo' });
        events.push({ type: 'task-end', id, attempt, outcome: { status: 'ok', value: input } });
      }
      if (when === 'sync') emit(events);
      else setImmediate(emit, events);
    },
    async doCancel(requests) {
      return requests.map(() => 'unsupported');
    },
    async doHealth() {
      return { state: 'ready', reason: '', epoch: 1, slots: 1, openTasks: 0 };
    },
    async doStop() {},
  };
}

const noop = defineTask({ module: import.meta.url, export: 'noop', run: (input) => input });
const inputs = (make) => Array.from({ length: TASKS }, (_, index) => make(index));
const numbers = inputs((index) => index);
const objects = inputs((index) => ({ a: index, b: 'text', c: [1, 2] }));

const CASES = {
  'map, numbers, ends at once': { when: 'sync', run: (client) => client.map(noop, numbers) },
  'map, numbers, ends next turn': { when: 'turn', run: (client) => client.map(noop, numbers) },
  'map, small objects, ends next turn': { when: 'turn', run: (client) => client.map(noop, objects) },
  'submit all, await all, ends next turn': {
    when: 'turn',
    run: (client) => Promise.all(numbers.map((number) => client.run(noop, number))),
  },
  'submit all with options, ends next turn': {
    when: 'turn',
    run: (client) => Promise.all(numbers.map((number) => client.run(noop, number, { priority: number % 3 }))),
  },
  'one at a time, ends at once': {
    when: 'sync',
    run: async (client) => {
      for (let index = 0; index < TASKS; index++) await client.run(noop, index);
    },
  },
  'mapOutcomes, numbers, ends next turn': {
    when: 'turn',
    run: async (client) => {
      for await (const outcome of client.mapOutcomes(noop, numbers))
        if (outcome.status !== 'ok') throw outcome;
    },
  },
};

const median = (values) => values.toSorted((left, right) => left - right)[values.length >> 1];

const figures = {};
for (const [name, { when, run }] of Object.entries(CASES)) {
  const microseconds = [];
  for (let round = 0; round < RUNS; round++) {
    const client = connect({ backends: { echo: echoBackend(when) }, defaults: { backend: 'echo' } });
    await client.run(noop, 0);
    const start = performance.now();
    await run(client);
    microseconds.push(((performance.now() - start) * 1000) / TASKS);
    await client.close();
  }
  figures[name] = Number(median(microseconds).toFixed(2));
}

const host = { cpu: cpus()[0].model, cores: cpus().length, node: process.version, load: loadavg()[0] };
if (options.json) console.log(JSON.stringify({ host, tasks: TASKS, unit: 'µs', figures }));
else {
  console.log(`${host.cores} × ${host.cpu}, Node ${host.node}, load ${host.load.toFixed(1)}`);
  for (const [name, each] of Object.entries(figures))
    console.log(`${name.padEnd(40)} ${each.toFixed(2)} µs per task, ${Math.round(1e6 / each)} tasks/s`);
}
