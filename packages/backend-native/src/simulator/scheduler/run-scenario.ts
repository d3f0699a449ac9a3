/** One run of the fault matrix: a seed, a fault, and what the oracle has to say. */
import type { SchedulerSettings } from '../../protocol/scheduler/index.js';
import { SchedulerCluster } from './cluster.js';
import type { DriverNode } from './driver-node.js';
import { FAULTS } from './faults.js';
import type { Mutation } from './mutation.js';
import type { Violation } from './oracle.js';
import { type DoneStep, type PlannedStep, Schedule } from './schedule.js';

export interface ScenarioOptions {
  readonly seed: number;
  /** A row of the matrix. */
  readonly fault: string;
  /** @default undefined: production code as it is */
  readonly mutation?: Mutation;
  /** Policies under test. @default chosen by the seed */
  readonly settings?: SchedulerSettings;
  /** Numbers of the steps that happen; the others of the plan do not. @default all of them */
  readonly keep?: ReadonlySet<number>;
}

export interface ScenarioReport {
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  readonly events: number;
  readonly tasks: number;
  readonly counts: Readonly<Record<string, number>>;
  /** Longest time from the death of a leading head to the next one that led. */
  readonly takeoverMsMax: number;
  /** All that was planned, and what happened of it. */
  readonly planned: readonly PlannedStep[];
  readonly steps: readonly DoneStep[];
}

/** Faults happen in this time, in virtual milliseconds. */
const FAULTY_MS = 12_000;
/** Then everything must end: leases, retries and the longest tasks fit in several times over. */
const HEAL_MS = 60_000;
/** From the death of a leader to the next one, while nothing else fails: its lease, two looks at it, and the claim. */
const TAKEOVER_MS_MAX = 3_500;
const BATCHES = 24;
const BATCH_TASKS = 6;
const CANCELS = 12;
const ORDERS = ['fifo', 'priority', 'fair-share'] as const;
const PLACES = ['round-robin', 'least-loaded', 'resource-aware', 'locality'] as const;

export function runScenario({ seed, fault, mutation, settings, keep }: ScenarioOptions): ScenarioReport {
  const chosen = FAULTS.find(({ name }) => name === fault);
  if (chosen === undefined) throw new TypeError(`The matrix has no fault "${fault}".`);
  const cluster = new SchedulerCluster({
    seed,
    workers: 3,
    drivers: 2,
    heads: chosen.heads ?? 1,
    mutation,
    settings: {
      order: ORDERS[seed % ORDERS.length]!,
      place: PLACES[seed % PLACES.length]!,
      leaseMs: 3000,
      disconnectGraceMs: 800,
      sessionRetainMs: 120_000,
      cancelAnswerMs: 1500,
      ...settings,
    },
  });
  const { world, oracle } = cluster;
  const schedule = new Schedule({ world, seed, ...(keep && { keep }) });
  const { random } = schedule;
  for (let batch = 0; batch < BATCHES; batch += 1)
    schedule.load(100 + random() * FAULTY_MS, (own) => cluster.submitSome(own, BATCH_TASKS));
  for (let request = 0; request < CANCELS; request += 1)
    schedule.load(500 + random() * FAULTY_MS, (own) => cluster.cancelSome(own));
  chosen.plan(cluster, schedule, FAULTY_MS);
  const faulty = world.run({ untilMs: FAULTY_MS + 500 });
  cluster.heal();
  const isDone = () =>
    cluster.driverNodes.every(({ openTasks, unanswered }) => openTasks + unanswered.length === 0);
  const healed = world.run({ untilMs: FAULTY_MS + HEAL_MS, isDone });
  for (const driver of cluster.driverNodes) {
    if (driver.openTasks > 0)
      oracle.violate('I5', `${driver.openTasks} tasks have not ended: ${describe(cluster, driver)}`);
    for (const id of driver.unanswered) oracle.violate('I16', `A cancel request for ${id} has no answer.`);
  }
  if (fault === 'poison task') oracle.checkDeaths(cluster.heads.state.options.deathsMax);
  const { takeoverMsMax } = oracle.log;
  if (fault === 'heads: leader killed' && takeoverMsMax > TAKEOVER_MS_MAX)
    oracle.violate('I5', `The next head led after ${Math.round(takeoverMsMax)} ms.`);
  oracle.audit(cluster.heads.state);
  return {
    violations: oracle.violations,
    traceHash: world.traceHash(),
    events: faulty.events + healed.events,
    tasks: cluster.submitted,
    counts: oracle.counts,
    takeoverMsMax,
    planned: schedule.planned,
    steps: schedule.done,
  };
}

/** Where the head has the first few tasks that did not end. */
function describe({ heads }: SchedulerCluster, driver: DriverNode): string {
  return driver
    .stuck()
    .map(({ id, attempt }) => {
      const entry = heads.state.tasks.find(id, 0);
      if (entry === undefined) return `${id}#${attempt} is unknown to the head`;
      if (entry.state === 'ended') return `${id}#${attempt} ended ${entry.status} as #${entry.attempt}`;
      const { state, worker, class: own } = entry;
      const where = worker === undefined ? own.blockedBecause : `at ${worker.id} (${worker.state})`;
      return `${id}#${attempt} is ${state} as #${entry.attempt} ${where} ${own.key}`;
    })
    .join('; ');
}
