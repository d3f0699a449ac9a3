export type { GossipTuning } from '../protocol/gossip/index.js';
export { DEFAULT_TUNING, SWIM_TUNING } from '../protocol/gossip/index.js';
export { EVENTS_PENDING_MAX, EventQueue } from './event-queue.js';
export type {
  AnomalyCounts,
  AnomalyGridOptions,
  Bootstrap,
  BootstrapOptions,
  Byzantine,
  ByzantineOptions,
  Churn,
  ChurnOptions,
  FirstDetection,
  FirstDetectionOptions,
  SwimDetection,
  SwimDetectionOptions,
} from './experiments/index.js';
export {
  anomalyGrid,
  bootstrap,
  byzantine,
  churn,
  firstDetection,
  mean,
  percentile,
  swimDetection,
} from './experiments/index.js';
export type { GossipWorldOptions, StatusChange } from './gossip-world.js';
export { GossipWorld, idOf, messageBytes } from './gossip-world.js';
export type {
  ClusterOptions as SchedulerClusterOptions,
  DoneStep,
  Mutation,
  PlannedStep,
  ScenarioOptions,
  ScenarioReport,
  Shrunk,
  Violation,
} from './scheduler/index.js';
export {
  FAULTS as SCHEDULER_FAULTS,
  HEAD_MUTATIONS as SCHEDULER_HEAD_MUTATIONS,
  MUTATIONS as SCHEDULER_MUTATIONS,
  runScenario as runSchedulerScenario,
  SchedulerCluster,
  shrinkScenario as shrinkSchedulerScenario,
} from './scheduler/index.js';
export type { CrashTear, SimDiskOptions } from './sim-disk.js';
export { SECTOR_BYTES, SimDisk, SimDiskError } from './sim-disk.js';
export type { Delay, LinkOptions } from './sim-network.js';
export { SimNetwork } from './sim-network.js';
export type {
  PauseScope,
  RunLimits,
  RunReport,
  SimClockOptions,
  SimHandler,
  SimWorldOptions,
} from './sim-world.js';
export { SimWorld } from './sim-world.js';
export { TraceHash } from './trace-hash.js';
