/** One run of the fault matrix: a seed, a fault, and what the oracle has to say. */
import type { SchedulerSettings } from '../../protocol/scheduler/index.js';
import { SchedulerCluster } from './cluster.js';
import type { DriverNode } from './driver-node.js';
import { FAULTS } from './faults.js';
import type { Mutation } from './mutation.js';
import type { Violation } from './oracle.js';

export interface ScenarioOptions {
  readonly seed: number;
  /** A row of the matrix. */
  readonly fault: string;
  /** @default undefined: production code as it is */
  readonly mutation?: Mutation;
  /** Policies under test. @default chosen by the seed */
  readonly settings?: SchedulerSettings;
}

export interface ScenarioReport {
  readonly violations: readonly Violation[];
  readonly traceHash: string;
  readonly events: number;
  readonly tasks: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Faults happen in this time, in virtual milliseconds. */
const FAULTY_MS = 12_000;
/** Then everything must end: leases, retries and the longest tasks fit in several times over. */
const HEAL_MS = 60_000;
const BATCHES = 24;
const BATCH_TASKS = 6;
const ORDERS = ['fifo', 'priority', 'fair-share'] as const;
const PLACES = ['round-robin', 'least-loaded', 'resource-aware', 'locality'] as const;

export function runScenario({ seed, fault, mutation, settings }: ScenarioOptions): ScenarioReport {
  const chosen = FAULTS.find(({ name }) => name === fault);
  if (chosen === undefined) throw new TypeError(`The matrix has no fault "${fault}".`);
  const cluster = new SchedulerCluster({
    seed,
    workers: 3,
    drivers: 2,
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
  for (let batch = 0; batch < BATCHES; batch += 1)
    world.at(100 + cluster.random() * FAULTY_MS, () => cluster.submitSome(BATCH_TASKS));
  for (let request = 0; request < 12; request += 1)
    world.at(500 + cluster.random() * FAULTY_MS, () => cluster.cancelSome());
  chosen.plan(cluster, FAULTY_MS);
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
  if (fault === 'poison task') oracle.checkDeaths(cluster.headNode.state.options.deathsMax);
  oracle.audit(cluster.headNode.state);
  return {
    violations: oracle.violations,
    traceHash: world.traceHash(),
    events: faulty.events + healed.events,
    tasks: cluster.submitted,
    counts: oracle.counts,
  };
}

/** Where the head has the first few tasks that did not end. */
function describe({ headNode }: SchedulerCluster, driver: DriverNode): string {
  return driver
    .stuck()
    .map(({ id, attempt }) => {
      const entry = headNode.state.tasks.find(id, 0);
      if (entry === undefined) return `${id}#${attempt} is unknown to the head`;
      const { state, worker, class: own } = entry;
      const where = worker === undefined ? own.blockedBecause : `at ${worker.id} (${worker.state})`;
      return `${id}#${attempt} is ${state} as #${entry.attempt} ${where} ${own.key}`;
    })
    .join('; ');
}
