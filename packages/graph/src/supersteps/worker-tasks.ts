/** The worker's actor and tasks, as a client names them. */
import { type ActorDefinition, defineActor, defineTask } from '@anant/core';
import {
  type ActorInput,
  collectPart,
  readOutput,
  SuperstepPartition,
  savePart,
  seesFile,
  startPart,
  stepPart,
} from './worker.js';
import { WORKER_URL } from './worker-url.js';

const common = { module: WORKER_URL, workload: 'graph-analytics' } as const;

export const partitionActor: ActorDefinition<ActorInput, SuperstepPartition> = defineActor({
  ...common,
  export: 'SuperstepPartition',
  class: SuperstepPartition,
  name: 'graph.superstep-partition',
});

export const startPartTask = defineTask({
  ...common,
  export: 'startPart',
  name: 'graph.superstep-start',
  run: startPart,
});
export const stepPartTask = defineTask({
  ...common,
  export: 'stepPart',
  name: 'graph.superstep',
  run: stepPart,
});
export const readOutputTask = defineTask({
  ...common,
  export: 'readOutput',
  name: 'graph.superstep-output',
  run: readOutput,
});
export const savePartTask = defineTask({
  ...common,
  export: 'savePart',
  name: 'graph.superstep-save',
  run: savePart,
});
export const collectPartTask = defineTask({
  ...common,
  export: 'collectPart',
  name: 'graph.superstep-collect',
  run: collectPart,
});
export const seesFileTask = defineTask({
  ...common,
  export: 'seesFile',
  name: 'graph.superstep-sees',
  run: seesFile,
});
