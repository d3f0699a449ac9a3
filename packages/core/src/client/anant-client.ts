/** The client itself: every verb of it, handed on to the part that does the work. */
import { checkPortable } from '../codec/index.js';
import { type BackendHealth, ObjectRef } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import { DedupWindow } from '../policy/index.js';
import type { RouteDecision } from '../routing/index.js';
import type { ActorDesk } from './actor/actor-desk.js';
import type { BackendLane } from './backend/backend-lane.js';
import { messageOf } from './backend/backend-source.js';
import type { RouteTable } from './backend/route-table.js';
import { Closing } from './closing.js';
import { throwIfAborted, untilAborted, withDeadline } from './deadline.js';
import type { EventHub } from './event-hub.js';
import { GraphPlanner } from './graph/graph-planner.js';
import { GraphRun } from './graph/graph-run.js';
import { HEALTH_TIMEOUT_MS } from './limits.js';
import { mapAll, mapOutcomes, mapStream } from './map/map-results.js';
import type { Inputs } from './map/map-run.js';
import { HeldObject } from './object/held-object.js';
import type { ObjectDesk } from './object/object-desk.js';
import type { AnyDefinition } from './submit/definition.js';
import { digestTask } from './submit/digest.js';
import type { PlanCache } from './submit/plan-cache.js';
import { resolveOptions, wishesOf } from './submit/resolve-options.js';
import type { TaskPlan } from './submit/task-plan.js';
import { type Dispatcher, duplicateTask } from './task/dispatcher.js';
import { handleOf } from './task/handles.js';
import type { Task } from './task/task.js';
import type {
  ActorDefinition,
  ActorOptions,
  BackendReport,
  Client,
  ClientEvent,
  ClientHealth,
  CloseOptions,
  DefaultOptions,
  EventsOptions,
  GraphBuilder,
  GraphHandle,
  GraphOptions,
  MapOptions,
  PutOptions,
  SubmitOptions,
} from './types/index.js';

export interface ClientParts {
  readonly dispatcher: Dispatcher;
  readonly lanes: ReadonlyMap<string, BackendLane>;
  readonly routes: RouteTable;
  readonly plans: PlanCache;
  readonly objects: ObjectDesk;
  readonly actors: ActorDesk;
  readonly hub: EventHub;
  readonly defaults: DefaultOptions;
  readonly nextId: () => string;
}

/** Methods whose result types depend on a definition return `never` here: `Client` says what they are. */
export class AnantClient implements Client {
  readonly #parts: ClientParts;
  readonly #closing: Closing;
  /** Ended tasks whose id was given. */
  readonly #ended: DedupWindow<Task>;

  constructor(parts: ClientParts) {
    const { dispatcher, lanes, hub } = parts;
    const { dedupTasksMax: tasksMax, dedupMs: windowMs } = dispatcher.limits;
    this.#parts = parts;
    this.#ended = new DedupWindow({ tasksMax, windowMs });
    this.#closing = new Closing(dispatcher, lanes, () => {
      this.#ended.clear();
      hub.end();
    });
    dispatcher.onEnded = (task) => {
      if (task.extras?.digest !== undefined) this.#ended.remember(task.id, task, dispatcher.clock.nowMs());
      this.#closing.onEnded();
    };
  }

  submit(definition: object, input?: unknown, options?: SubmitOptions): never {
    this.#closing.assertOpen();
    const { plans, dispatcher } = this.#parts;
    const plan = plans.planOf(definition as AnyDefinition, options);
    const { id, signal } = options ?? {};
    if (id !== undefined) return this.#submitOnce(plan, input, id, signal) as never;
    const task = dispatcher.accept(plan, input, signal && { signal });
    return handleOf(task, dispatcher) as never;
  }

  run(definition: object, input?: unknown, options?: SubmitOptions): Promise<never> {
    try {
      return (this.submit(definition, input, options) as { result(): Promise<never> }).result();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async map(definition: object, inputs: Inputs, options?: MapOptions): Promise<never[]> {
    const plan = this.#planMap(definition, options);
    return (await mapAll(this.#parts.dispatcher, plan, inputs, options)) as never[];
  }

  mapStream(definition: object, inputs: Inputs, options?: MapOptions): AsyncIterable<never> {
    return mapStream(this.mapOutcomes(definition, inputs, options)) as AsyncIterable<never>;
  }

  mapOutcomes(definition: object, inputs: Inputs, options?: MapOptions): AsyncIterable<never> {
    const plan = this.#planMap(definition, options);
    return mapOutcomes(this.#parts.dispatcher, plan, inputs, options) as AsyncIterable<never>;
  }

  graph<Shape>(build: (graph: GraphBuilder) => Shape, options: GraphOptions = {}): GraphHandle<Shape> {
    this.#closing.assertOpen();
    const { plans, dispatcher, nextId } = this.#parts;
    const planner = new GraphPlanner(plans, nextId);
    return new GraphRun(planner, build(planner), dispatcher, options);
  }

  async put(value: unknown, options: PutOptions = {}): Promise<never> {
    this.#closing.assertOpen();
    const { signal } = options;
    throwIfAborted(signal, 'Storing an object');
    checkPortable(value, 'value');
    const { routes, objects, defaults } = this.#parts;
    const { backend } = options;
    const { lane } = routes.choose({
      workload: options.workload ?? 'data-processing',
      wishes: wishesOf({ ...defaults, ...(backend !== undefined && { backend }) }),
      requirements: { features: ['objects'] },
      asked: {},
    });
    const stored = objects.put(lane, value);
    return untilAborted(signal, stored, 'Storing an object').catch((error: unknown) => {
      void stored.then((object) => object.release()).catch(() => {});
      throw error;
    }) as Promise<never>;
  }

  get(object: { readonly id: string; readonly backend: string }): Promise<never> {
    return this.#parts.objects.fetch(refOf(object)) as Promise<never>;
  }

  release(object: { readonly id: string; readonly backend: string }): void {
    if (object instanceof HeldObject) object.release();
    else this.#parts.objects.drop(refOf(object));
  }

  async actor(definition: object, input: unknown, options?: ActorOptions): Promise<never> {
    this.#closing.assertOpen();
    return (await this.#parts.actors.start(definition as ActorDefinition, input, options)) as never;
  }

  events(options?: EventsOptions): AsyncIterable<ClientEvent> {
    return this.#parts.hub.read(options);
  }

  async health(): Promise<ClientHealth> {
    const { lanes, dispatcher } = this.#parts;
    const reports = [...lanes.values()].map(async (lane) => [lane.id, await this.#report(lane)] as const);
    return {
      state: this.#closing.state,
      openTasks: dispatcher.tasks.size,
      backends: Object.fromEntries(await Promise.all(reports)),
    };
  }

  explain(definition: object, options?: SubmitOptions): RouteDecision {
    const { routes, defaults } = this.#parts;
    return routes.explain(resolveOptions(definition as AnyDefinition, options, defaults));
  }

  close(options?: CloseOptions): Promise<void> {
    return this.#closing.close(options);
  }

  abort(reason?: unknown): Promise<void> {
    return this.#closing.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #planMap(definition: object, options: MapOptions | undefined): TaskPlan {
    this.#closing.assertOpen();
    const any = definition as AnyDefinition;
    if (any.output === 'stream') {
      throw new AnantError('E_TASK_INVALID', `Task "${any.name}" yields a stream and cannot be mapped.`, {
        advice: 'Submit it once per input and read the items of each handle.',
      });
    }
    return this.#parts.plans.planOf(any, options);
  }

  /** The same id with the same contents is the same task, open or ended a while ago. */
  #submitOnce(plan: TaskPlan, input: unknown, id: string, signal: AbortSignal | undefined): object {
    const { dispatcher } = this.#parts;
    const digest = digestTask(plan, input);
    const known = dispatcher.tasks.get(id) ?? this.#ended.recall(id, dispatcher.clock.nowMs());
    if (known === undefined) {
      const task = dispatcher.accept(plan, input, { id, signal, digest });
      return handleOf(task, dispatcher);
    }
    const knownDigest = known.extras?.digest ?? digestTask(known.plan, known.input);
    if (knownDigest === digest) return handleOf(known, dispatcher);
    throw duplicateTask(id);
  }

  async #report(lane: BackendLane): Promise<BackendReport> {
    const { clock } = this.#parts.dispatcher;
    let health: BackendHealth | undefined;
    let failure = '';
    if (lane.backend !== undefined) {
      const asked = (async () => lane.backend!.doHealth())();
      try {
        health = await withDeadline(
          clock,
          HEALTH_TIMEOUT_MS,
          asked,
          () => new Error(`it did not say how it is within ${HEALTH_TIMEOUT_MS} ms`),
        );
      } catch (error) {
        failure = messageOf(error);
      }
    }
    return {
      phase: lane.phase,
      reason: failure || lane.reason,
      breaker: lane.breakerState,
      openAttempts: lane.openAttempts,
      waitingTasks: lane.waiting.size,
      ...(health && { health }),
    };
  }
}

const refOf = ({ id, backend }: { readonly id: string; readonly backend: string }): ObjectRef =>
  new ObjectRef(id, backend);
