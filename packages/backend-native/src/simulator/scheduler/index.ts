/** The scheduler under faults, in the simulator. */
export type { ClusterOptions } from './cluster.js';
export { SchedulerCluster } from './cluster.js';
export { FAULTS } from './faults.js';
export type { Mutation } from './mutation.js';
export { HEAD_MUTATIONS, MUTATIONS } from './mutations.js';
export type { Violation } from './oracle.js';
export type { ScenarioOptions, ScenarioReport } from './run-scenario.js';
export { runScenario } from './run-scenario.js';
export type { DoneStep, PlannedStep } from './schedule.js';
export type { Shrunk } from './shrink.js';
export { shrinkScenario } from './shrink.js';
