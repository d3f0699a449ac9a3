/** A declared task: what it refers to and, in its types only, what goes in and comes out. */
import type { DefinitionReference, ExecutionMode, Resources, TaskFunction } from '../contract/index.js';
import type { StandardSchema } from './standard-schema.js';

declare const TYPES: unique symbol;

/** The seven workload kinds of the default routing table, or any name the user configures. */
export type Workload =
  | 'graph-analytics'
  | 'ml-training'
  | 'ml-inference'
  | 'data-processing'
  | 'batch'
  | 'interactive'
  | 'streaming'
  | (string & {});

/** A definition; `TaskDefinition<never>` stands for any of them. */
export interface TaskDefinition<
  Input = unknown,
  Output = unknown,
  Kind extends 'value' | 'stream' = 'value' | 'stream',
> {
  readonly [TYPES]?: { readonly input: (input: Input) => void; readonly output: Output };
  readonly name: string;
  /** `stream` when the task yields items instead of returning one value. */
  readonly output: Kind;
  readonly workload: Workload;
  readonly mode?: ExecutionMode;
  readonly resources?: Resources;
  /** Checks the input before submit. Its types are `Input` already, so that definitions stay assignable. */
  readonly inputSchema?: StandardSchema;
  /** Checks the result, or each item of a stream, when it arrives. */
  readonly outputSchema?: StandardSchema;
  /** Resolves the reference (hashes the module file); cached after the first call. */
  reference(): DefinitionReference;
  /** The function itself, when it is defined in this process. */
  readonly local?: TaskFunction;
}

export type TaskInput<Definition> = Definition extends {
  readonly [TYPES]?: { readonly input: (input: infer Input) => void };
}
  ? Input
  : never;
export type TaskOutput<Definition> = Definition extends {
  readonly [TYPES]?: { readonly output: infer Output };
}
  ? Output
  : never;
