/**
 * The cluster's scheduler alone, no sockets and no disk: tasks per second through submit, assignment, start and commit,
 * and the same with a million tasks waiting beside it.
 *
 *   node bench/scheduler.mjs [--tasks 400000] [--runs 5] [--waiting 1000000] [--order priority] [--place least-loaded] [--json]
 *
 * Medians of the runs. Both depths take turns in one process, so that a busy moment of the machine hits both. Exits with 1
 * when a goal is missed.
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { newSchedulerState, step } from '@anant/backend-native/scheduler';
import { seededRandom } from '@anant/core/testing';

const { values: options } = parseArgs({
  options: {
    tasks: { type: 'string', default: '400000' },
    runs: { type: 'string', default: '5' },
    waiting: { type: 'string', default: '1000000' },
    order: { type: 'string', default: 'priority' },
    place: { type: 'string', default: 'least-loaded' },
    json: { type: 'boolean', default: false },
  },
});
const TASKS = Number(options.tasks);
const RUNS = Number(options.runs);
const WAITING = Number(options.waiting);
const SHALLOW = 1000;
const BATCH = 200;
const WORKERS = 4;
const SLOTS = 2;
/** Thousands of tasks per second; share of the shallow queue's throughput with the deep one. */
const GOALS = { tasksPerSecond: 500_000, deepShare: 0.8 };
const PAYLOAD = new Uint8Array(64);

/** A head with workers that do everything at once: what is assigned is begun and committed in the next event. */
class Bench {
  #state = newSchedulerState({ order: options.order, place: options.place });
  #context = { nowMs: 0, random: seededRandom(1) };
  #names = 0;
  /** What workers have to do, in the order it was given out. */
  #assigned = [];
  committed = 0;

  constructor(waiting) {
    this.#feed({ type: 'lead', epoch: 1 });
    this.#feed({ type: 'session-open', session: 'driver', tenant: '' });
    for (let index = 0; index < WORKERS; index += 1)
      this.#feed({ type: 'worker-join', worker: worker(index) });
    this.#submit(BATCH);
    this.run(BATCH * 10);
    // Workers take what fits now that the run time is known; the rest waits.
    while (this.#state.waiting < waiting) this.#submit(BATCH);
  }

  #feed(event) {
    this.#context.nowMs += 0.01;
    for (const effect of step(this.#state, event, this.#context)) {
      if (effect.type === 'assign') this.#assigned.push(effect);
      else if (effect.type === 'journal') this.#feed({ type: 'journaled', index: effect.entry.index });
      else if (effect.type === 'end') this.#seen = effect.ends.at(-1).sequence;
    }
  }

  #seen = 0;

  #submit(count) {
    const tasks = Array.from({ length: count }, () => ({
      id: `task-${++this.#names}`,
      attempt: 1,
      digest: 'd',
      definition: 'noop',
      priority: 0,
      tenant: this.#names % 2 === 0 ? 'a' : 'b',
      delivery: 'at-least-once',
      payload: PAYLOAD,
    }));
    this.#feed({ type: 'submit', session: 'driver', tasks });
  }

  /** Works off `count` tasks, submitting as many. @returns tasks per second. */
  run(count) {
    const goal = this.committed + count;
    const startMs = performance.now();
    while (this.committed < goal) {
      const { worker: id, tasks } = this.#assigned.shift();
      for (let at = 0; at < tasks.length; at += BATCH) {
        const part = tasks.slice(at, at + BATCH);
        this.#submit(part.length);
        this.#feed({ type: 'started', worker: id, bootId: 'boot', tasks: part });
        const commits = part.map(({ id: task, attempt, token }) => ({
          id: task,
          attempt,
          token,
          status: 'ok',
          body: PAYLOAD,
          runUs: 5,
        }));
        this.#feed({ type: 'commit', worker: id, bootId: 'boot', commits });
        this.#feed({ type: 'ends-seen', session: 'driver', sequence: this.#seen });
        this.committed += part.length;
      }
    }
    return count / ((performance.now() - startMs) / 1000);
  }
}

const worker = (index) => ({
  id: `worker-${index}`,
  bootId: 'boot',
  slots: SLOTS,
  resources: { cpu: 2, memoryBytes: 1e9, gpu: 0, custom: {} },
  labels: {},
  host: `host-${index}`,
  zone: '',
  dataAddress: '',
  holds: [],
});

const shallow = new Bench(SHALLOW);
shallow.run(TASKS / 4);
const deep = new Bench(WAITING);
deep.run(TASKS / 4);
const rates = { shallow: [], deep: [] };
for (let run = 0; run < RUNS; run += 1) {
  rates.shallow.push(shallow.run(TASKS));
  rates.deep.push(deep.run(TASKS));
}
const median = (values) => values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)];
const result = {
  host: `${cpus().length} × ${cpus()[0].model}, load ${loadavg()[0].toFixed(1)}, Node ${process.version}`,
  tasksPerSecond: Math.round(median(rates.shallow)),
  deepTasksPerSecond: Math.round(median(rates.deep)),
  waiting: WAITING,
  deepShare: median(rates.deep) / median(rates.shallow),
};
const isMissed = result.tasksPerSecond < GOALS.tasksPerSecond || result.deepShare < GOALS.deepShare;
if (options.json) console.log(JSON.stringify({ ...result, goals: GOALS, isMissed }));
else {
  console.log(result.host);
  console.log(`${SHALLOW} waiting: ${result.tasksPerSecond} tasks/s (goal ${GOALS.tasksPerSecond})`);
  console.log(
    `${WAITING} waiting: ${result.deepTasksPerSecond} tasks/s, share ${result.deepShare.toFixed(2)} (goal ${GOALS.deepShare})`,
  );
}
process.exitCode = isMissed ? 1 : 0;
