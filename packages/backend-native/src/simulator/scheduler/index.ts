/** The scheduler under faults, in the simulator. */
export { FAULTS } from './faults.js';
export type { Mutation } from './mutation.js';
export { MUTATIONS } from './mutations.js';
export type { Violation } from './oracle.js';
export type { ScenarioOptions, ScenarioReport } from './run-scenario.js';
export { runScenario } from './run-scenario.js';
