/** Definitions as the client handles them, their types gone. */
import type {
  ActorTarget,
  DefinitionReference,
  ExecutionMode,
  Resources,
  TaskFunction,
} from '../../contract/index.js';
import type { StandardSchema, TaskDefinition } from '../../define/index.js';

/** What every `TaskDefinition` is when nobody asks for its types. */
export interface AnyDefinition {
  readonly name: string;
  readonly output: 'value' | 'stream';
  readonly workload: string;
  readonly mode?: ExecutionMode;
  readonly resources?: Resources;
  readonly inputSchema?: StandardSchema;
  readonly outputSchema?: StandardSchema;
  reference(): DefinitionReference;
  readonly local?: TaskFunction;
  /** Set when it stands for a method of a live actor. */
  readonly actor?: ActorTarget;
}

export function anyDefinition<Input, Output, Kind extends 'value' | 'stream'>(
  definition: TaskDefinition<Input, Output, Kind>,
): AnyDefinition {
  return definition as unknown as AnyDefinition;
}
