/** Actors: long-lived stateful instances on a worker. */
import type { ActorId, DefinitionReference } from '../../contract/index.js';
import type { SubmitOptions } from './submit-options.js';
import type { TaskHandle } from './task-handle.js';

declare const TYPES: unique symbol;

/** A declared actor class: what it refers to and, in its types only, its constructor's input and its methods. */
export interface ActorDefinition<Input = unknown, Methods = unknown> {
  readonly [TYPES]?: { readonly input: (input: Input) => void; readonly methods: Methods };
  readonly name: string;
  readonly workload: string;
  reference(): DefinitionReference;
}

type MethodName<Methods> = {
  [Name in keyof Methods]: Methods[Name] extends (...values: never[]) => unknown ? Name : never;
}[keyof Methods] &
  string;
type MethodInput<Method> = Method extends (input: infer Input, ...rest: never[]) => unknown
  ? Input
  : undefined;
type MethodOutput<Method> = Method extends (...values: never[]) => infer Output ? Awaited<Output> : unknown;

export interface ActorOptions
  extends Pick<SubmitOptions, 'resources' | 'placement' | 'tenant' | 'mode' | 'signal'> {
  /** Unique on its backend. @default made up */
  readonly name?: ActorId;
  /** @default the backend that the actor's workload is routed to, among those that host actors */
  readonly backend?: string;
}

/** Calls are tried once unless `retry` says otherwise: the state of an actor may have changed. */
export type ActorCallOptions = Omit<SubmitOptions, 'backend' | 'forbid' | 'fallback' | 'workload' | 'mode'>;

export interface ActorHandle<Methods = unknown> extends AsyncDisposable {
  readonly id: ActorId;
  readonly backend: string;
  /** Calls a method with one portable value. Calls of equal priority run in the order they were made. */
  call<Name extends MethodName<Methods>>(
    method: Name,
    ...rest: undefined extends MethodInput<Methods[Name]>
      ? [input?: MethodInput<Methods[Name]>, options?: ActorCallOptions]
      : [input: MethodInput<Methods[Name]>, options?: ActorCallOptions]
  ): TaskHandle<MethodOutput<Methods[Name]>>;
  /** Ends the actor; calls still open end `lost`. Calling it twice is fine. */
  stop(): Promise<void>;
}
