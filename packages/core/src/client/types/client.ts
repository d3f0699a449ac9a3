/** The client: what users call. */
import type { ObjectRef, Outcome } from '../../contract/index.js';
import type { TaskDefinition } from '../../define/index.js';
import type { RouteDecision } from '../../routing/index.js';
import type { ActorDefinition, ActorHandle, ActorOptions } from './actor.js';
import type { ClientEvent, EventsOptions } from './client-event.js';
import type { ClientHealth } from './client-health.js';
import type { GraphBuilder, GraphHandle, GraphOptions } from './graph.js';
import type { InputOf } from './input-of.js';
import type { PutOptions, StoredObject } from './stored-object.js';
import type { MapOptions, SubmitOptions } from './submit-options.js';
import type { HandleOf, TaskHandle } from './task-handle.js';

/** Input, then options; the input may be left out when the task takes none. */
type Arguments<Input, Options> = undefined extends Input
  ? [input?: InputOf<Input>, options?: Options]
  : [input: InputOf<Input>, options?: Options];

type ByReference = SubmitOptions & { readonly output: 'reference' };
type ByValue = SubmitOptions & { readonly output?: 'value' };

export interface CloseOptions {
  /** How long open tasks may take to end. @default limits.closeGraceMs */
  readonly graceMs?: number;
  /** Ends the grace at once. */
  readonly signal?: AbortSignal;
}

export interface Client extends AsyncDisposable {
  /**
   * Accepts a task and returns at once. Throws when the task is not accepted: `E_INPUT_INVALID`,
   * `E_VALUE_NOT_PORTABLE`, `E_TASK_INVALID`, `E_TASK_DUPLICATE`, `E_QUEUE_FULL`, `E_NO_ROUTE`,
   * `E_CANCELLED` (its signal was aborted) or `E_BACKEND_CLOSED`. From then on everything is an outcome.
   */
  submit<Input, Output>(
    definition: TaskDefinition<Input, Output, 'value'>,
    input: InputOf<NoInfer<Input>>,
    options: ByReference,
  ): TaskHandle<StoredObject<Output>>;
  submit<Input, Output, Kind extends 'value' | 'stream'>(
    definition: TaskDefinition<Input, Output, Kind>,
    ...rest: Arguments<NoInfer<Input>, ByValue>
  ): HandleOf<Output, Kind>;
  /** Submits and waits: the result, or every item of a stream. */
  run<Input, Output>(
    definition: TaskDefinition<Input, Output, 'value'>,
    input: InputOf<NoInfer<Input>>,
    options: ByReference,
  ): Promise<StoredObject<Output>>;
  run<Input, Output, Kind extends 'value' | 'stream'>(
    definition: TaskDefinition<Input, Output, Kind>,
    ...rest: Arguments<NoInfer<Input>, ByValue>
  ): Promise<'stream' extends Kind ? Output[] : Output>;
  /** Runs the task once per input; results in order. The first failure cancels the rest and rejects. */
  map<Input, Output>(
    definition: TaskDefinition<Input, Output, 'value'>,
    inputs: Iterable<InputOf<NoInfer<Input>>> | AsyncIterable<InputOf<NoInfer<Input>>>,
    options?: MapOptions,
  ): Promise<Output[]>;
  /** Like `map`, yielding results in order as they come; reads inputs no faster than results are taken. */
  mapStream<Input, Output>(
    definition: TaskDefinition<Input, Output, 'value'>,
    inputs: Iterable<InputOf<NoInfer<Input>>> | AsyncIterable<InputOf<NoInfer<Input>>>,
    options?: MapOptions,
  ): AsyncIterable<Output>;
  /** Like `mapStream`, yielding outcomes: a failed task ends neither the iteration nor the other tasks. */
  mapOutcomes<Input, Output>(
    definition: TaskDefinition<Input, Output, 'value'>,
    inputs: Iterable<InputOf<NoInfer<Input>>> | AsyncIterable<InputOf<NoInfer<Input>>>,
    options?: MapOptions,
  ): AsyncIterable<Outcome<Output>>;
  /**
   * Runs a graph of tasks. Results that only other nodes need stay in the backend's object store where it has one;
   * otherwise they pass through this process, and a warning on the outcome says so. When a node does not end `ok`,
   * every node that needs its result ends `skipped`.
   */
  graph<Shape>(build: (graph: GraphBuilder) => Shape, options?: GraphOptions): GraphHandle<Shape>;
  /** Stores a value near the workers. */
  put<Value>(value: Value, options?: PutOptions): Promise<StoredObject<Value>>;
  /** Reads a stored object. @throws AnantError `E_OBJECT_LOST` */
  get<Value>(object: StoredObject<Value>): Promise<Value>;
  get(object: ObjectRef): Promise<unknown>;
  /** Lets the backend forget a stored object, once no open task uses it. Calling it twice is fine. */
  release(object: StoredObject | ObjectRef): void;
  /** Starts an actor. @throws AnantError `E_CAPABILITY_MISSING` when the named backend hosts none */
  actor<Input, Methods>(
    definition: ActorDefinition<Input, Methods>,
    input: NoInfer<Input>,
    options?: ActorOptions,
  ): Promise<ActorHandle<Methods>>;
  /** What happens from now on. Leaving the loop ends the subscription; 10,000 unread events are kept. */
  events(options?: EventsOptions): AsyncIterable<ClientEvent>;
  health(): Promise<ClientHealth>;
  /** Where a task would go now, and why not elsewhere. Starts nothing. */
  explain<Input, Output, Kind extends 'value' | 'stream'>(
    definition: TaskDefinition<Input, Output, Kind>,
    options?: SubmitOptions,
  ): RouteDecision;
  /** Takes no more tasks, waits for open ones up to the grace, ends the rest, stops the backends. */
  close(options?: CloseOptions): Promise<void>;
  /** Ends every task and stops the backends now. Tasks that ran end `lost`, tasks that waited end `cancelled`. */
  abort(reason?: unknown): Promise<void>;
}
