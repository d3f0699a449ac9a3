/** A scheduler's report as Prometheus metrics. Names and units are in docs/monitor.md. */
import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { OVERLOAD_LEVELS } from '../../protocol/overload/overload.js';
import type { SchedulerReport } from '../../protocol/scheduler/report.js';

/** Workers and lanes that get a line of their own; the others are summed under `other`. */
export const LABELLED_MAX = 1_000;
const OTHER = 'other';

/** @param report asked at every scrape. */
export function schedulerRegistry(report: () => SchedulerReport): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, value: (now: SchedulerReport) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(report()));
      },
    });
  gauge('anant_epoch', 'Epoch of this head', ({ epoch }) => epoch);
  gauge('anant_leader', '1 when this head leads', ({ role }) => Number(role === 'leader'));
  gauge('anant_sessions', 'Sessions of drivers', ({ sessions }) => sessions.open);
  gauge('anant_payload_bytes', 'Bytes of inputs that the head keeps', ({ tasks }) => tasks.payloadBytes);
  gauge('anant_journal_behind', 'Entries decided and not yet durable', ({ journal }) => journal.behind);
  new Gauge({
    name: 'anant_tasks',
    help: 'Open tasks by state',
    labelNames: ['state'],
    registers,
    collect() {
      const { waiting, assigned } = report().tasks;
      this.set({ state: 'waiting' }, waiting);
      this.set({ state: 'assigned' }, assigned);
    },
  });
  new Counter({
    name: 'anant_task_events_total',
    help: 'What happened to tasks since this head began',
    labelNames: ['event'],
    registers,
    collect() {
      this.reset();
      for (const [event, count] of Object.entries(report().counters)) this.inc({ event }, count);
    },
  });
  labelled(registry, 'anant_lane_waiting', 'Waiting tasks by lane', 'lane', () =>
    Object.entries(report().lanes),
  );
  addWorkers(registry, report);
  registry.registerMetric(new WaitHistogram(report) as unknown as Metric);
  return registry;
}

function addWorkers(registry: Registry, report: () => SchedulerReport): void {
  const perWorker = (
    name: string,
    help: string,
    value: (worker: SchedulerReport['workers'][number]) => number,
  ) =>
    labelled(registry, name, help, 'worker', () =>
      report().workers.map((worker) => [worker.id, value(worker)]),
    );
  perWorker('anant_worker_slots', 'Tasks a worker runs at the same moment', ({ slots }) => slots);
  perWorker('anant_worker_tasks', 'Tasks assigned to a worker', ({ tasks }) => tasks);
  perWorker(
    'anant_worker_backlog_seconds',
    'Work that waits at a worker, as estimated',
    ({ backlogMs }) => backlogMs / 1000,
  );
  perWorker(
    'anant_worker_overload',
    'Step by which a worker gives way to pressure: 0 none, 1 no-stealing, 2 shrunk, 3 refusing, 4 spilling',
    ({ overload }) => OVERLOAD_LEVELS.indexOf(overload),
  );
  new Gauge({
    name: 'anant_workers',
    help: 'Workers by state',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { state } of report().workers) this.inc({ state });
    },
  });
}

function labelled(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  values: () => readonly (readonly [string, number])[],
): void {
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [at, [key, value]] of values().entries())
        this.inc({ [label]: at < LABELLED_MAX ? key : OTHER }, value);
    },
  });
}

/** The scheduler counts into buckets itself, which prom-client's own histogram cannot take over. */
class WaitHistogram {
  readonly name = 'anant_task_wait_seconds';
  readonly help = 'Time from submission to the first assignment';
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #report: () => SchedulerReport;

  constructor(report: () => SchedulerReport) {
    this.#report = report;
  }

  /** What a registry asks of a metric. */
  async get() {
    const { boundsMs, counts, sumMs } = this.#report().waits;
    let total = 0;
    const values = counts.map((count, bucket) => {
      total += count;
      const boundMs = boundsMs[bucket];
      const le = boundMs === undefined ? '+Inf' : boundMs / 1000;
      return { labels: { le }, value: total, metricName: `${this.name}_bucket` };
    });
    return {
      name: this.name,
      help: this.help,
      type: this.type,
      aggregator: this.aggregator,
      values: [
        ...values,
        { labels: {}, value: sumMs / 1000, metricName: `${this.name}_sum` },
        { labels: {}, value: total, metricName: `${this.name}_count` },
      ],
    };
  }

  reset(): void {}
}
